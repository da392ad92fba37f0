"""Gauges that are read from the database when somebody asks."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection, case, exists, func, select, text
from sqlalchemy.exc import DBAPIError

from shared.domain.alerts import state_sql, told_sql
from shared.domain.bands import BANDS
from shared.runtime.clock import Clock
from shared.runtime.telemetry import (
    ACCOUNTS,
    ALERTS,
    OUTBOX_PENDING,
    PLAYBOOK_RUNS,
    SCORING_OVERDUE,
)
from shared.store.base import to_micros
from shared.store.session import Database
from shared.store.tables import (
    AccountScoreRow,
    PlaybookRunRow,
    RunActionRow,
    SignalOutboxRow,
    SignalsProgressRow,
)

DAY_MICROS = 86_400_000_000
NO_BAND = "none"


def refresh_gauges(database: Database, clock: Clock, kind: Literal["wall", "event"]) -> None:
    """Set the gauges of signals; while the database is away they keep their values."""
    now = to_micros(clock.now())
    try:
        with database.read() as connection:
            _set_accounts(connection)
            _set_alerts(connection, now if kind == "wall" else _evaluated(connection, now))
            SCORING_OVERDUE.set(_overdue_seconds(connection, now))
            _set_runs(connection)
            pending = select(func.count()).select_from(SignalOutboxRow)
            OUTBOX_PENDING.set(connection.scalar(pending) or 0)
    except DBAPIError:
        return


def _evaluated(connection: Connection, wall: int) -> int:
    """Return the moment up to which the event clock has come, which decides alert states."""
    row = connection.execute(
        select(SignalsProgressRow.evaluated_day, SignalsProgressRow.complete_as_of)
    ).first()
    if row is None:
        return wall
    known = [] if row.complete_as_of is None else [to_micros(row.complete_as_of)]
    if row.evaluated_day is not None:
        known.append(row.evaluated_day * DAY_MICROS)
    return max(known, default=wall)


def _overdue_seconds(connection: Connection, now: int) -> float:
    """Return for how long the account that waits longest should have been scored.

    On the event clock nothing is due by the wall clock, so nothing is overdue.
    """
    oldest = connection.scalar(select(func.min(AccountScoreRow.due_at)))
    return 0.0 if oldest is None else max(0.0, (now - to_micros(oldest)) / 1e6)


def _set_accounts(connection: Connection) -> None:
    band = func.coalesce(AccountScoreRow.band, NO_BAND)
    found = connection.execute(select(band, func.count()).group_by(band))
    counts = {row[0]: row[1] for row in found}
    for name in (*BANDS, NO_BAND):
        ACCOUNTS.labels(name).set(counts.get(name, 0))


def _set_alerts(connection: Connection, now: int) -> None:
    state = state_sql("alert", ":now")
    rows = connection.execute(
        text(f"SELECT type, state, count(*) FROM (SELECT type, {state} AS state FROM alert"
             f" WHERE {told_sql()}) s"
             " GROUP BY type, state"),
        {"now": now},
    ).all()  # fmt: skip
    ALERTS.clear()
    for kind, name, count in rows:
        ALERTS.labels(kind, name).set(count)


def _set_runs(connection: Connection) -> None:
    closed = exists().where(
        RunActionRow.run_id == PlaybookRunRow.run_id, RunActionRow.kind == "close"
    )
    state = case((closed, "closed"), else_="active").label("state")
    inner = select(PlaybookRunRow.playbook, state).subquery()
    rows = connection.execute(
        select(inner.c.playbook, inner.c.state, func.count()).group_by(
            inner.c.playbook, inner.c.state
        )
    ).all()
    PLAYBOOK_RUNS.clear()
    for playbook, name, count in rows:
        PLAYBOOK_RUNS.labels(playbook, name).set(count)
