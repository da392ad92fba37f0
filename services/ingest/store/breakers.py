"""The breakers' state, so that a restart does not forget it and a command can close it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, insert, select

from shared.store.session import Database
from shared.store.tables import BreakerRow


def load_open(database: Database) -> dict[str, str]:
    """Return the topics whose breaker is open, and why."""
    with database.read() as connection:
        rows = connection.execute(select(BreakerRow.topic, BreakerRow.reason))
        return {topic: reason or "" for topic, reason in rows}


def open_breaker(database: Database, topic: str, reason: str, at: datetime) -> None:
    """Remember that intake of the topic is stopped."""
    with database.write() as connection:
        connection.execute(delete(BreakerRow).where(BreakerRow.topic == topic))
        connection.execute(insert(BreakerRow).values(topic=topic, opened_at=at, reason=reason))


def close_breakers(database: Database) -> Sequence[str]:
    """Let intake go on; return the topics that were stopped."""
    topics = sorted(load_open(database))
    with database.write() as connection:
        connection.execute(delete(BreakerRow))
    return topics
