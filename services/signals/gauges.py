"""Gauges of signals, read from the database when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import Gauge
from sqlalchemy import ColumnElement, Connection, case, exists, func, literal_column, select
from sqlalchemy.exc import DBAPIError

from shared.domain.alerts import state_sql
from shared.domain.bands import BANDS
from shared.runtime.clock import Clock
from shared.runtime.telemetry import (
    ACCOUNTS,
    ALERTS,
    OUTBOX_PENDING,
    PLAYBOOK_RUNS,
    SCORING_OVERDUE,
)
from shared.store.base import from_micros, to_micros
from shared.store.session import Database
from shared.store.tables import (
    AccountScoreRow,
    AlertRow,
    PlaybookRunRow,
    RunActionRow,
    SignalOutboxRow,
    SignalsProgressRow,
)

DAY_MICROS = 86_400_000_000


def refresh_gauges(database: Database, clock: Clock, *, event_clock: bool) -> None:
    """Set the gauges of signals; while the database is away they keep their values."""
    now = clock.now()
    try:
        with database.read() as connection:
            bands = dict.fromkeys(((band,) for band in BANDS), 0) | _bands(connection)
            deciding = _evaluated(connection, now) if event_clock else now
            alerts = _alerts(connection, deciding)
            runs = _runs(connection)
            outbox = connection.scalar(select(func.count()).select_from(SignalOutboxRow))
            overdue = 0.0 if event_clock else _overdue_seconds(connection, now)
    except DBAPIError:
        return
    _show(ACCOUNTS, bands.items())
    _show(ALERTS, alerts.items())
    _show(PLAYBOOK_RUNS, runs.items())
    OUTBOX_PENDING.set(outbox or 0)
    SCORING_OVERDUE.set(overdue)


def _show(gauge: Gauge, values: Iterable[tuple[tuple[str, ...], int]]) -> None:
    """Replace all label sets of a gauge: what is gone must not linger."""
    gauge.clear()
    for labels, value in values:
        gauge.labels(*labels).set(value)


def _bands(connection: Connection) -> dict[tuple[str, ...], int]:
    band = AccountScoreRow.band
    rows = connection.execute(
        select(band, func.count()).where(band.is_not(None)).group_by(band)
    ).all()
    return {(str(name),): count for name, count in rows}


def _alerts(connection: Connection, now: datetime) -> dict[tuple[str, ...], int]:
    derived = f"({state_sql('alert', str(to_micros(now)))})"
    state: ColumnElement[str] = literal_column(derived).label("state")
    rows = connection.execute(
        select(AlertRow.type, state, func.count()).group_by(AlertRow.type, state)
    ).all()
    return {(kind, name): count for kind, name, count in rows}


def _runs(connection: Connection) -> dict[tuple[str, ...], int]:
    acted = exists().where(RunActionRow.run_id == PlaybookRunRow.run_id)
    closed = acted.where(RunActionRow.kind == "close")
    state = case((closed, "closed"), (acted, "in_progress"), else_="open").label("state")
    chosen = select(PlaybookRunRow.playbook, state).subquery()
    rows = connection.execute(
        select(chosen.c.playbook, chosen.c.state, func.count()).group_by(*chosen.c)
    ).all()
    return {(playbook, name): count for playbook, name, count in rows}


def _evaluated(connection: Connection, wall: datetime) -> datetime:
    """Return the moment up to which the event clock has come."""
    row = connection.execute(
        select(SignalsProgressRow.evaluated_day, SignalsProgressRow.complete_as_of)
    ).first()
    if row is None:
        return wall
    day = None if row.evaluated_day is None else from_micros(row.evaluated_day * DAY_MICROS)
    known = [moment for moment in (day, row.complete_as_of) if moment is not None]
    return max(known, default=wall)


def _overdue_seconds(connection: Connection, now: datetime) -> float:
    """Return for how long the account that waits longest should have been scored."""
    oldest = connection.scalar(select(func.min(AccountScoreRow.due_at)))
    return 0.0 if oldest is None else max(0.0, (now - oldest).total_seconds())
