"""The breakers' state, so that a restart does not forget it and a command can close it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from shared.store.session import Database
from shared.store.tables import BreakerRow


def load_open(database: Database) -> dict[str, str]:
    """Return the topics whose breaker is open, and why."""
    with database.read() as connection:
        rows = connection.execute(select(BreakerRow.topic, BreakerRow.reason))
        return {topic: reason or "" for topic, reason in rows}


def open_breakers(connection: Connection, trips: Mapping[str, str], at: datetime) -> None:
    """Remember that intake of these topics is stopped, and why."""
    connection.execute(delete(BreakerRow).where(BreakerRow.topic.in_(trips)))
    rows = [{"topic": t, "opened_at": at, "reason": why} for t, why in trips.items()]
    connection.execute(insert(BreakerRow), rows)


def close_breakers(database: Database) -> Sequence[str]:
    """Let intake go on; return the topics that were stopped."""
    topics = sorted(load_open(database))
    with database.write() as connection:
        connection.execute(delete(BreakerRow))
    return topics
