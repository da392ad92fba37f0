"""The moment that decides, as a table that statements join."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Subquery, bindparam, cast, select

from shared.store.base import to_micros


def moment_of(now: datetime) -> Subquery:
    """Return a one-row table `moment(at)`, so that statements stay the same text."""
    at = cast(bindparam("moment_at", to_micros(now), BigInteger), BigInteger)
    return select(at.label("at")).subquery("moment")
