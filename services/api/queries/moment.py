"""The moment that decides: the wall clock's, or on the event clock the evaluated day's."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import BigInteger, Connection, Subquery, bindparam, cast, select

from shared.store.base import from_micros, to_micros
from shared.store.tables import SignalsProgressRow

DAY_MICROS = 86_400_000_000


def deciding_moment(
    connection: Connection, wall: datetime, clock: Literal["wall", "event"]
) -> datetime:
    """Return the time that states, due dates and people's acts go by."""
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


def moment_of(now: datetime) -> Subquery:
    """Return a one-row table `moment(at)`, so that statements stay the same text."""
    at = cast(bindparam("moment_at", to_micros(now), BigInteger), BigInteger)
    return select(at.label("at")).subquery("moment")
