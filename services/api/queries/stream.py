"""Published changes, by the ids that a listener resumes from."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from shared.store.tables import AccountRow, StreamEventRow

CHUNK = 500


class Change(NamedTuple):
    """A published event, and whose account it is about."""

    id: int
    kind: str
    body: bytes
    kam_id: str | None


def changes_after(connection: Connection, last: int) -> list[Change]:
    """Return the next changes after an id, in order."""
    event = StreamEventRow
    rows = connection.execute(
        select(event.id, event.kind, event.body, AccountRow.kam_id)
        .outerjoin(AccountRow, AccountRow.account_id == event.key)
        .where(event.id > last)
        .order_by(event.id)
        .limit(CHUNK)
    )
    return [Change(*row) for row in rows]


def last_change_id(connection: Connection) -> int:
    """Return the id of the newest change; 0 when there is none."""
    return int(connection.scalar(select(func.max(StreamEventRow.id))) or 0)
