"""From the outbox to the stream that Server-Sent Events resume from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from services.signals.store.locks import notify
from shared.store.tables import SignalOutboxRow, StreamEventRow

CHANNEL = "leadline_signals"
KEPT = timedelta(days=7)


def waiting(connection: Connection, limit: int) -> Sequence[Any]:
    """Return the oldest waiting events.

    In order of id, without a remembered position: a row that commits late has a smaller id than
    some already gone, and is simply found next time. Per account the order holds nevertheless,
    since whoever writes for an account holds its lock until the commit: a later writer of the
    same account takes greater ids.
    """
    table = SignalOutboxRow
    return connection.execute(
        select(*table.__table__.columns).order_by(table.id).limit(limit)
    ).all()


def already_out(connection: Connection, rows: Sequence[Any]) -> set[str]:
    """Return the ids of those events that the stream has: told again, as by a rebuild."""
    event_id = StreamEventRow.event_id
    return set(
        connection.scalars(select(event_id).where(event_id.in_([row.event_id for row in rows])))
    )


def published(connection: Connection, rows: Sequence[Any], now: datetime) -> None:
    """Move events that are out to the stream, numbered in the order of publication.

    Those that the stream has keep their number and their bytes; they only leave the outbox.
    """
    out = already_out(connection, rows)
    fresh = [row for row in rows if row.event_id not in out]
    last = connection.scalar(select(func.max(StreamEventRow.id))) or 0
    if fresh:
        connection.execute(
            insert(StreamEventRow),
            [
                {
                    "id": number,
                    "event_id": row.event_id,
                    "kind": row.kind,
                    "key": row.key,
                    "body": row.body,
                    "created_at": now,
                }
                for number, row in enumerate(fresh, last + 1)
            ],
        )
    connection.execute(delete(SignalOutboxRow).where(SignalOutboxRow.id.in_([r.id for r in rows])))
    notify(connection, CHANNEL)


def prune(connection: Connection, now: datetime) -> None:
    """Forget old events; the newest stays, so that a number is never given twice."""
    newest = select(func.max(StreamEventRow.id)).scalar_subquery()
    connection.execute(
        delete(StreamEventRow).where(
            StreamEventRow.created_at < now - KEPT, StreamEventRow.id < newest
        )
    )
