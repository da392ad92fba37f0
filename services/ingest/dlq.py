"""Dead letters to `<topic>.dlq`: from the outbox, in order, at least once."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Connection, delete, select, text

from shared.kafka.publisher import Message, Publisher, PublishError
from shared.store.session import Database
from shared.store.tables import DeadLetterRow, IngestOutboxRow

log = structlog.get_logger(__name__)

ADVISORY_LOCK = 4_207_002
CHUNK = 100
IDLE_SECONDS = 0.5
MAX_VALUE_BYTES = 2 * 1024 * 1024


async def publish_dead_letters(
    database: Database, publisher: Publisher, stop: asyncio.Event
) -> None:
    """Publish until told to stop; one process at a time does it."""
    while not stop.is_set():
        try:
            done = await _publish_chunk(database, publisher)
        except PublishError as error:
            log.warning("dead letters wait for the broker", error=str(error))
            done = 0
        if not done:
            try:
                await asyncio.wait_for(stop.wait(), IDLE_SECONDS)
            except TimeoutError:
                continue


async def _publish_chunk(database: Database, publisher: Publisher) -> int:
    with _turn(database) as connection:
        rows = await asyncio.to_thread(_waiting, connection) if connection is not None else []
        if not rows:
            return 0
        await publisher.publish([_message(row) for row in rows])
    await asyncio.to_thread(_forget, database, [row.outbox_id for row in rows])
    return len(rows)


@contextmanager
def _turn(database: Database) -> Iterator[Connection | None]:
    """Hold the publishers' lock while publishing; None when another process has it."""
    with database.read() as connection:
        if database.sqlite:
            yield connection
            return
        lock = text(f"SELECT pg_try_advisory_xact_lock({ADVISORY_LOCK})")
        yield connection if connection.execute(lock).scalar() else None


def _waiting(connection: Connection) -> Sequence[Any]:
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
    headers = [(name, base64.b64decode(value)) for name, value in row.headers]
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
