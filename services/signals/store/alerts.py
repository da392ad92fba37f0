"""Alerts, the memory of their fold, and what people did on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, select

from services.signals.alerting.alert import (
    Action,
    Alert,
    PastEnd,
    Track,
    dump_track,
    load_track,
    snooze_end,
)
from services.signals.alerting.elsewhere import Closing
from services.signals.alerting.findings import dedupe_key
from services.signals.store.rows import among, put, table_of
from shared.domain.alerts import MACHINE, AlertTimes, alert_state
from shared.store.base import from_micros, to_micros
from shared.store.driver import driver_rows
from shared.store.tables import AlertActionRow, AlertRow, AlertTrackRow

MOMENTS = (
    "due_at", "pending_since", "opened_at", "recovering_since", "resolved_at", "expires_at",
    "notified_at", "updated_at",
)  # fmt: skip
# Asked in both arms: SQLite does not carry a condition into them, and would read every act.
_ACTIONS = f"""
SELECT account_id, alert_id, kind, at, until, outcome, note FROM (
  SELECT alert.account_id, alert.alert_id, act.kind, act.at, act.until, act.outcome, act.note,
    act.id
  FROM alert_action act JOIN alert ON alert.alert_id = act.alert_id
  WHERE {{of_alert}}
  UNION ALL
  SELECT run.account_id, run.alert_id, 'work', act.at, NULL, NULL, NULL, act.id
  FROM run_action act JOIN playbook_run run ON run.run_id = act.run_id
  WHERE {{of_run}} AND run.alert_id IS NOT NULL AND act.actor <> '{MACHINE}'
) done ORDER BY id
"""


def alert_row(alert: Alert, account: int, published_version: int) -> dict[str, Any]:
    """Return the row of an alert; `account` is the account's row id."""
    row: dict[str, Any] = {
        field: getattr(alert, field) for field in alert.__struct_fields__ if field != "account_id"
    }
    for name in MOMENTS:
        row[name] = None if row[name] is None else from_micros(row[name])
    row["drivers"] = list(alert.drivers)
    row["evidence"] = [{"source": event.source, "id": event.id} for event in alert.evidence]
    row["scope"] = dict(alert.scope)
    row["past_ends"] = [_ended(one) for one in alert.past_ends]
    return {"account_id": account, "published_version": published_version, **row}


def _ended(one: PastEnd) -> dict[str, Any]:
    moments = {"at": one.at, "back_at": one.back_at}
    told = {name: from_micros(at).isoformat() for name, at in moments.items()}
    return {"outcome": one.outcome, "because": one.because} | told


def put_alerts(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store alerts as they are now."""
    put(connection, AlertRow, rows)


def drop_alerts(connection: Connection, alert_ids: Sequence[str]) -> None:
    """Forget pending alerts that never opened."""
    if alert_ids:
        connection.execute(
            delete(AlertRow).where(AlertRow.alert_id.in_(alert_ids), AlertRow.opened_at.is_(None))
        )


def read_tracks(connection: Connection) -> dict[int, Track]:
    """Return the fold's memory of every account that has one."""
    statement = select(AlertTrackRow.account_id, AlertTrackRow.state)
    return {row.account_id: load_track(row.state) for row in connection.execute(statement)}


def put_tracks(connection: Connection, tracks: Mapping[int, Track]) -> None:
    """Store the memories that changed."""
    put(
        connection,
        AlertTrackRow,
        [{"account_id": one, "state": dump_track(track)} for one, track in tracks.items()],
    )


def read_actions(
    connection: Connection, ids: Sequence[int] | None = None
) -> dict[int, list[Action]]:
    """Return what people did on alerts and on their runs, per account, in order of time.

    Of two snoozes at one moment, as on the event clock, the one that came later is the later.
    """
    asked = dict.fromkeys(("{of_alert}", "{of_run}"), "1 = 1")
    if ids is not None:
        asked = {"{of_alert}": "alert.account_id {ids}", "{of_run}": "run.account_id {ids}"}
    statement = _ACTIONS
    for place, condition in asked.items():
        statement = statement.replace(place, condition)
    rows = driver_rows(connection, statement, ids)
    found: dict[int, list[Action]] = defaultdict(list)
    for account, *act in rows:
        found[account].append(Action(*act))
    for actions in found.values():
        actions.sort(key=lambda one: (one.at, one.alert_id, one.kind))
    return found


def read_closings(connection: Connection, ids: Sequence[int]) -> dict[int, list[Closing]]:
    """Return what people resolved, per account."""
    act = AlertActionRow
    rows = connection.execute(
        select(
            AlertRow.account_id, AlertRow.type, AlertRow.reason_code, AlertRow.scope_key,
            AlertRow.evidence, act.at,
        )
        .join(act, act.alert_id == AlertRow.alert_id)
        .where(act.kind == "resolve", among(AlertRow.account_id, ids))
        .order_by(act.id)
    )  # fmt: skip
    found: dict[int, list[Closing]] = defaultdict(list)
    for row in rows:
        events = frozenset((one["source"], one["id"]) for one in row.evidence)
        key = dedupe_key(row.type, row.reason_code, row.scope_key)
        found[row.account_id].append(Closing(key, to_micros(row.at), events))
    return found


def read_alert(connection: Connection, alert_id: str) -> Mapping[str, Any] | None:
    """Return one alert's row."""
    statement = select(table_of(AlertRow)).where(AlertRow.alert_id == alert_id)
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else dict(row)


def hold_alerts(connection: Connection, alert_ids: Sequence[str]) -> None:
    """Hold alerts until the commit: who acts on one waits."""
    held = select(AlertRow.alert_id).where(AlertRow.alert_id.in_(alert_ids))
    connection.execute(held.order_by(AlertRow.alert_id).with_for_update())


def earlier_alerts(connection: Connection, alert_id: str) -> list[str]:
    """Return an alert's id and those of the stored alerts that it continues."""
    chain: list[str] = []
    previous: str | None = alert_id
    while previous is not None and previous not in chain:
        chain.append(previous)
        previous = connection.scalar(
            select(AlertRow.previous_alert_id).where(AlertRow.alert_id == previous)
        )
    return chain


def state_of(alert: Mapping[str, Any] | Alert, actions: Sequence[Action], now: int) -> str:
    """Return the state of an alert at `now`; `actions` are those on this alert."""
    times = msgspec.structs.asdict(alert) if isinstance(alert, Alert) else alert
    first = {
        kind: min((one.at for one in actions if one.kind == kind), default=None)
        for kind in ("acknowledge", "snooze", "resolve", "work")
    }
    return alert_state(
        AlertTimes(
            opened_at=_micros(times["opened_at"]),
            resolved_at=_micros(times["resolved_at"]),
            suppressed_reason=times["suppressed_reason"],
            expires_at=_micros(times["expires_at"]),
            acknowledged_at=first["acknowledge"],
            snoozed_at=first["snooze"],
            snoozed_until=snooze_end(actions),
            closed_at=first["resolve"],
            worked_at=first["work"],
        ),
        now,
    )


def _micros(value: Any) -> int | None:
    return value if value is None or isinstance(value, int) else to_micros(value)
