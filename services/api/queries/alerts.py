"""Alerts with the state that times and people's acts give them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    func,
    literal_column,
    select,
    type_coerce,
)

from services.api.paging import Page, make_cursor, read_cursor
from services.api.principal import Principal
from services.api.problems import not_found
from services.api.queries.accounts import person
from services.api.queries.alert_state import STATE, TOLD
from services.api.queries.moment import moment_of
from services.api.queries.scope import visible
from shared.domain.alerts import STATES
from shared.store.tables import AccountRow, AlertActionRow, AlertRow

SHOWN_STATES = tuple(state for state in STATES if state not in {"pending", "suppressed"})
"""The default list leaves out what is not, or not to be, seen."""
_ORDER = "alert_id"


class AlertFilter(NamedTuple):
    """Which alerts; no state means the shown ones."""

    states: Sequence[str] = SHOWN_STATES
    type: str | None = None
    band: str | None = None
    kam: str | None = None
    account: str | None = None
    deferred: bool | None = None


def alert_page(
    connection: Connection, principal: Principal, wanted: AlertFilter, page: Page, now: datetime
) -> dict[str, Any]:
    """Return one page of the list, by id."""
    statement = _alerts(principal, now).where(TOLD)
    after = read_cursor(page.cursor, _ORDER, (str,))
    if after is not None:
        statement = statement.where(AlertRow.alert_id > after[0])
    if set(wanted.states) != set(STATES):
        statement = statement.where(STATE.in_(list(wanted.states)))
    for column, value in (
        (AlertRow.type, wanted.type),
        (AlertRow.band, wanted.band),
        (AlertRow.owner_id, wanted.kam),
        (AccountRow.account_id, wanted.account),
        (AlertRow.deferred, wanted.deferred),
    ):
        if value is not None:
            statement = statement.where(column == value)
    rows = connection.execute(statement.order_by(AlertRow.alert_id).limit(page.limit + 1)).all()
    kept = rows[: page.limit]
    more = len(rows) > page.limit
    return {
        "items": [_form(row) for row in kept],
        "next_cursor": make_cursor(_ORDER, kept[-1].alert_id) if more else None,
    }


def alert_by_id(
    connection: Connection, principal: Principal, alert_id: str, now: datetime
) -> dict[str, Any]:
    """Return one alert; 404 when unknown or of another KAM's account."""
    row = connection.execute(_alerts(principal, now).where(AlertRow.alert_id == alert_id)).first()
    if row is None:
        raise not_found("alert", alert_id)
    return _form(row)


def _alerts(principal: Principal, now: datetime) -> Select[*tuple[Any, ...]]:
    acts = AlertActionRow
    own = acts.alert_id == AlertRow.alert_id
    count = select(func.count()).select_from(acts).where(own).scalar_subquery()
    last = select(func.max(type_coerce(acts.at, BigInteger))).where(own).scalar_subquery()
    return (
        select(
            AlertRow.__table__,
            AccountRow.account_id.label("account"),
            AccountRow.name.label("account_name"),
            count.label("acts"),
            type_coerce(last, AlertRow.updated_at.type).label("acted_at"),
            STATE.label("state"),
        )
        .select_from(AlertRow)
        .join(AccountRow, AccountRow.id == AlertRow.account_id)
        .join(moment_of(now), literal_column("1") == literal_column("1"))
        .where(visible(principal))
    )


def _form(row: Any) -> dict[str, Any]:
    return {
        "alert_id": row.alert_id,
        "account_id": row.account,
        "type": row.type,
        "state": row.state,
        "deferred": bool(row.deferred),
        "band": row.band,
        "risk_score": row.risk_score,
        "reason": {"code": row.reason_code, "text": row.reason_text},
        "scope": row.scope,
        "owner": person(row.owner_id, row.owner_name),
        "playbook": row.playbook,
        "due_at": row.due_at,
        "opened_at": row.opened_at,
        "updated_at": max(row.updated_at, row.acted_at or row.updated_at),
        "evidence": row.evidence,
        "version": row.machine_version + row.acts,
    }
