"""The present as all processes of an installation have it, and the moment that decides."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select, text

from shared.store.base import from_micros
from shared.store.tables import SignalsProgressRow

DAY_MICROS = 86_400_000_000

SHARED_MICROS = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
"""What `shared_micros` asks PostgreSQL for, where a statement can ask it beside its own work."""
_NOW = text(f"SELECT {SHARED_MICROS}")


def shared_micros(connection: Connection, own: int) -> int:
    """Return the present by PostgreSQL's clock, in microseconds; on SQLite `own`.

    What one process writes and another compares with its own present goes by this: their clocks
    may be apart by minutes. SQLite has one process, so its own clock is everybody's.
    """
    if connection.dialect.name == "sqlite":
        return own
    return int(connection.scalar(_NOW) or own)


def deciding_moment(
    connection: Connection, wall: datetime, clock: Literal["wall", "event"]
) -> datetime:
    """Return the time that states, due dates and people's acts go by.

    On the event clock that is the last evaluated midnight, whenever that was by the wall's clock.
    """
    if clock == "wall":
        return wall
    row = connection.execute(
        select(SignalsProgressRow.evaluated_day, SignalsProgressRow.complete_as_of)
    ).first()
    if row is None:
        return wall
    known = [row.complete_as_of] if row.complete_as_of is not None else []
    if row.evaluated_day is not None:
        known.append(from_micros(row.evaluated_day * DAY_MICROS))
    return max(known, default=wall)
