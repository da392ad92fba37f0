"""What the events of a booking, or of a day of warehouse work, are folded from and into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from shared.domain.changes import Sums

DAY_MICROS = 86_400_000_000


class SeriesKey(NamedTuple):
    """What business is counted under; missing parts are empty strings."""

    source: str
    mode: str
    service: str
    origin: str
    destination: str
    currency: str


class EntityEvent(NamedTuple):
    """One of the events of a booking, or of a day of warehouse work."""

    time: int  # microseconds
    source: str
    id: str
    payload: Any  # Booking, Milestone or Warehouse


class SeriesChange(NamedTuple):
    """What one event changed in one series on one business day."""

    series: SeriesKey
    day: int
    sums: Sums


Changes = Sequence[SeriesChange]


def minus(after: Sums, before: Sums) -> Sums:
    """Return what was added."""
    return tuple(a - b for a, b in zip(after, before, strict=True))
