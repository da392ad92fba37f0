"""Gauges that are read from the database when somebody asks."""

from __future__ import annotations

from sqlalchemy import Connection, case, exists, func, select, text
from sqlalchemy.exc import DBAPIError

from shared.domain.alerts import state_sql
from shared.domain.bands import BANDS
from shared.runtime.clock import Clock
from shared.runtime.telemetry import ACCOUNTS, ALERTS, OUTBOX_PENDING, PLAYBOOK_RUNS
from shared.store.base import to_micros
from shared.store.session import Database
from shared.store.tables import AccountScoreRow, PlaybookRunRow, RunActionRow, SignalOutboxRow

NO_BAND = "none"


def refresh_gauges(database: Database, clock: Clock) -> None:
    """Set the gauges of signals; while the database is away they keep their values."""
    try:
        with database.read() as connection:
            _set_accounts(connection)
            _set_alerts(connection, to_micros(clock.now()))
            _set_runs(connection)
            pending = select(func.count()).select_from(SignalOutboxRow)
            OUTBOX_PENDING.set(connection.scalar(pending) or 0)
    except DBAPIError:
        return


def _set_accounts(connection: Connection) -> None:
    band = func.coalesce(AccountScoreRow.band, NO_BAND)
    counts = dict(connection.execute(select(band, func.count()).group_by(band)).tuples().all())
    for name in (*BANDS, NO_BAND):
        ACCOUNTS.labels(name).set(counts.get(name, 0))


def _set_alerts(connection: Connection, now: int) -> None:
    state = state_sql("alert", ":now")
    rows = connection.execute(
        text(f"SELECT type, state, count(*) FROM (SELECT type, {state} AS state FROM alert) s"
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
