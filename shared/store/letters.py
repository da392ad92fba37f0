"""Dead letters a portion at a time, by what they weigh: a body sent over HTTP may have 8 MiB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Text, cast, func, select

from shared.store.tables import DeadLetterRow

MAX_BYTES = 4 * 1024 * 1024
"""A letter is in memory several times at once while it is told: as bytes, base64 and JSON."""
_WEIGHT = (
    func.coalesce(func.length(DeadLetterRow.value), 0)
    + func.coalesce(func.length(DeadLetterRow.key), 0)
    + func.length(cast(DeadLetterRow.headers, Text))
)


def next_letters(
    connection: Connection, conditions: Sequence[ColumnElement[bool]], limit: int
) -> tuple[Sequence[Any], bool]:
    """Return the first letters by id that fulfil the conditions, and whether there are more.

    At most `limit`, and no more than weigh `MAX_BYTES`, but one at least. They are weighed before
    any is read.
    """
    row = DeadLetterRow
    weighed = connection.execute(
        select(row.id, _WEIGHT).where(*conditions).order_by(row.id).limit(limit + 1)
    ).all()
    ids: list[int] = []
    left = MAX_BYTES
    for letter, weight in weighed[:limit]:
        left -= weight
        if ids and left < 0:
            break
        ids.append(letter)
    found = connection.execute(select(row.__table__).where(row.id.in_(ids)).order_by(row.id))
    return found.all(), len(ids) < len(weighed)
