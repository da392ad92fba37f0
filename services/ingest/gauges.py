"""Gauges that are read from the database when somebody asks."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from shared.runtime.telemetry import BREAKER_OPEN, DEAD_LETTERS_PENDING
from shared.store.session import Database
from shared.store.tables import BreakerRow, DeadLetterRow


def refresh_gauges(database: Database) -> None:
    """Set the gauges of ingest; while the database is away they keep their values."""
    try:
        with database.read() as connection:
            pending = connection.scalar(
                select(func.count()).select_from(DeadLetterRow).where(DeadLetterRow.waits())
            )
            topics = connection.scalars(select(BreakerRow.topic)).all()
    except DBAPIError:
        return
    DEAD_LETTERS_PENDING.set(pending or 0)
    BREAKER_OPEN.clear()
    for topic in topics:
        BREAKER_OPEN.labels(topic).set(1)
