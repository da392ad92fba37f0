"""Dead letters to `<topic>.dlq`: from the outbox, in order, at least once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from sqlalchemy import delete, select, text

from shared.contracts.packed_headers import unpacked
from shared.kafka.publisher import Message, Publisher
from shared.store.session import Database
from shared.store.tables import DeadLetterRow, IngestOutboxRow

ADVISORY_LOCK = 4_207_002
CHUNK = 100
MAX_VALUE_BYTES = 2 * 1024 * 1024


async def publish_dead_letters(database: Database, publisher: Publisher) -> bool:
    """Publish some of those that wait; return whether there may be more.

    One process at a time does it, by a lock that it holds while publishing. Raises
    `PublishError`, and the driver's errors while the database is away.
    """
    turn = ExitStack()
    try:
        rows = await asyncio.to_thread(_claim, database, turn)
        if rows:
            await publisher.publish([_message(row) for row in rows])
    finally:
        await asyncio.to_thread(turn.close)
    if rows:
        await asyncio.to_thread(_forget, database, [row.outbox_id for row in rows])
    return len(rows) == CHUNK


def _claim(database: Database, turn: ExitStack) -> Sequence[Any]:
    """Return the oldest that wait, or nothing while another process has its turn."""
    connection = turn.enter_context(database.hold())
    if not database.sqlite:
        lock = text(f"SELECT pg_try_advisory_xact_lock({ADVISORY_LOCK})")
        if not connection.execute(lock).scalar():
            return []
    return connection.execute(
        select(
            IngestOutboxRow.id.label("outbox_id"),
            DeadLetterRow.topic,
            DeadLetterRow.partition,
            DeadLetterRow.offset,
            DeadLetterRow.key,
            DeadLetterRow.value,
            DeadLetterRow.headers,
            DeadLetterRow.reason,
        )
        .join(DeadLetterRow, DeadLetterRow.id == IngestOutboxRow.dead_letter_id)
        .order_by(IngestOutboxRow.id)
        .limit(CHUNK)
    ).all()


def _message(row: Any) -> Message:
    headers = unpacked(row.headers)
    headers += [
        ("leadline-reason", row.reason.encode()),
        ("leadline-topic", row.topic.encode()),
        ("leadline-partition", str(row.partition).encode()),
        ("leadline-offset", str(row.offset).encode()),
    ]
    value = row.value
    if value is not None and len(value) > MAX_VALUE_BYTES:
        headers.append(("leadline-value-omitted", str(len(value)).encode()))
        value = None
    return Message(f"{row.topic}.dlq", row.key, value, headers)


def _forget(database: Database, ids: Sequence[int]) -> None:
    with database.write() as connection:
        connection.execute(delete(IngestOutboxRow).where(IngestOutboxRow.id.in_(ids)))
