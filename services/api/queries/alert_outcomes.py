"""What came of alerts that have ended."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from shared.store.tables import AlertActionRow, AlertRow


def alert_outcomes(connection: Connection, alert_ids: list[str]) -> dict[str, str]:
    """Return the outcome by alert id: a person's, else the machine's; absent when none is known."""
    act = AlertActionRow
    said = (
        select(act.outcome)
        .where(act.alert_id == AlertRow.alert_id, act.kind == "resolve")
        .order_by(act.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(AlertRow.alert_id, func.coalesce(said, AlertRow.outcome)).where(
            AlertRow.alert_id.in_(alert_ids)
        )
    )
    return {alert_id: outcome for alert_id, outcome in rows if outcome is not None}
