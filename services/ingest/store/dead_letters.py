"""Dead letters: kept whole in the batch's own transaction, queued for `<topic>.dlq`."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from services.ingest.batch import DeadLetter
from shared.contracts.packed_headers import packed
from shared.store.base import from_micros
from shared.store.tables import DeadLetterRow, IngestOutboxRow

CHUNK = 500


def store_dead_letters(
    connection: Connection, letters: Sequence[DeadLetter], arrived_at: int
) -> None:
    """Keep each letter once, by origin; a repeat counts as another try.

    Those from a topic are also put into the outbox, the first time they are seen.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    for start in range(0, len(letters), CHUNK):
        chunk = _told_apart(connection, letters[start : start + CHUNK])
        known = set(
            connection.scalars(select(DeadLetterRow.origin).where(DeadLetterRow.origin.in_(chunk)))
        )
        statement = dialect.insert(DeadLetterRow).on_conflict_do_update(
            index_elements=["origin"],
            set_={"tries": DeadLetterRow.tries + 1, "last_tried_at": from_micros(arrived_at)},
        )
        connection.execute(statement, [_row(letter, arrived_at) for letter in chunk.values()])
        new = [o for o, letter in chunk.items() if o not in known and letter.topic is not None]
        _queue(connection, new, arrived_at)


def _told_apart(connection: Connection, letters: Sequence[DeadLetter]) -> dict[str, DeadLetter]:
    """Return the letters by origin; another record at a known place gets an origin of its own.

    A topic that was made again begins anew at offset 0.
    """
    row = DeadLetterRow
    stored = {
        origin: (key, value)
        for origin, key, value in connection.execute(
            select(row.origin, row.key, row.value).where(
                row.origin.in_({letter.origin for letter in letters})
            )
        )
    }
    found = {}
    for letter in letters:
        content = letter.key, letter.value
        origin = letter.origin
        if stored.get(origin, content) != content:
            origin = f"{origin}:{letter.recorded_at}"
        found[origin] = letter._replace(origin=origin)
    return found


def _queue(connection: Connection, origins: Sequence[str], arrived_at: int) -> None:
    rows = connection.execute(
        select(DeadLetterRow.id, DeadLetterRow.topic)
        .where(DeadLetterRow.origin.in_(origins))
        .order_by(DeadLetterRow.id)
    ).all()
    if rows:
        connection.execute(
            insert(IngestOutboxRow),
            [
                {
                    "dead_letter_id": row_id,
                    "topic": topic,
                    "created_at": from_micros(arrived_at),
                }
                for row_id, topic in rows
            ],
        )


def _row(letter: DeadLetter, arrived_at: int) -> dict[str, object]:
    seen = from_micros(arrived_at)
    return {
        "origin": letter.origin,
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "key": letter.key,
        "value": letter.value,
        "headers": packed(letter.headers),
        "reason": letter.reason,
        "detail": letter.detail,
        "first_seen_at": seen,
        "last_tried_at": seen,
        "tries": 1,
        "recorded_at": None if letter.recorded_at is None else from_micros(letter.recorded_at),
    }
