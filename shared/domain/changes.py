"""What an event changed in the sums of its booking or day of work, as it is stored beside it.

Sums as of T are the sums of the changes of the events before T. An event carries its own
changes, so appending a booking is one row in one table: a table of sums per day beside it cost
the database half of all its work.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

SUMS = (
    "demand", "business", "rejected", "cancelled", "rolled", "delivered", "late",
    "freehand", "nominated",
    "teu", "volume", "weight", "trips", "revenue", "margin",
)  # fmt: skip
"""Counts, then thousandths of TEU and cubic metres, grams, thousandths of trips, and
ten-thousandths of money: integers, so that any order of arrival gives the same sums. Of the
business, `freehand` and `nominated` count what is known of who chose the forwarder.

Under a warehouse, `demand` counts reports of work, `trips` are its orders and `volume` is what lay
there that day; it has no `business`, which is bookings."""

WAREHOUSE = "warehouse"
"""The mode under which warehouse work is counted: its service is the kind of work, its origin the
site. No booking has this mode."""

DEMAND, BUSINESS, REJECTED, CANCELLED, ROLLED, DELIVERED, LATE = range(7)
FREEHAND, NOMINATED = 7, 8
TEU, VOLUME, WEIGHT, TRIPS, REVENUE, MARGIN = range(9, 15)
NOTHING = (0,) * len(SUMS)

COUNTS = LATE + 1
LAYOUT = f"<ii{COUNTS}hbb{len(SUMS) - TEU}q"
"""Series, day, counts in 16 bits, who chose the forwarder in 8 each, amounts in 64: 72 bytes a
change. Revisions before 13 left those two empty: unknown."""

_CHANGE = struct.Struct(LAYOUT)
_SERIES, _REST = struct.Struct(LAYOUT[:2]), struct.Struct(LAYOUT[0] + LAYOUT[2:])
SIZE = _CHANGE.size

Sums = tuple[int, ...]


class Change(NamedTuple):
    """A change of the sums of one series and business day (days since 1970 in UTC)."""

    series_id: int
    day: int
    sums: Sums


def pack_change(series_id: int, day: int, sums: Iterable[int]) -> bytes:
    """Return one change as bytes. Raises `OverflowError` when a number does not fit."""
    try:
        return _CHANGE.pack(series_id, day, *sums)
    except struct.error as error:
        raise OverflowError(f"a change of series {series_id}, day {day}: {error}") from None


def pack_series(series_id: int) -> bytes:
    """Return the first part of a change; `pack_sums` gives the rest."""
    return _SERIES.pack(series_id)


def pack_sums(day: int, sums: Iterable[int]) -> bytes:
    """Return what follows the series, which only the database can tell; raises `OverflowError`."""
    try:
        return _REST.pack(day, *sums)
    except struct.error as error:
        raise OverflowError(f"a change of day {day}: {error}") from None


def unpack_changes(blob: bytes) -> Iterator[Change]:
    """Yield the changes of one event."""
    for series_id, day, *sums in _CHANGE.iter_unpack(blob):
        yield Change(series_id, day, tuple(sums))
