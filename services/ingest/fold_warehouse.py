"""A day's warehouse work to what each of its events changed; pure.

Work that is done (inbound, outbound, returns) is a flow: every event adds to its day. Storage is a
level: the day's last event says it. Both count on the day of the work, from the event's own
day on, as the bookings of `fold_booking` do. Booking counts stay as they are: a day of work is a
sign of life like a request, and no booking.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from services.ingest.entity_changes import Changes, EntityEvent, SeriesChange, SeriesKey, minus
from shared.contracts.inbound import Warehouse
from shared.domain.changes import DEMAND, NOTHING, TRIPS, VOLUME, WAREHOUSE, Sums
from shared.domain.figures import day_number

STORAGE = "storage"
_AMOUNTS = ("orders", "lines", "units", "pallets", "volume_cbm")
"""Fields of which one above zero says that there was work."""


def fold_warehouse(events: Sequence[EntityEvent]) -> list[Changes]:
    """Return what each event of one site, day and kind changed, in the order given."""
    if events[0].payload.kind != STORAGE:
        return [_changes(day_of_work(one.source, one.payload)) for one in events]
    places = sorted(range(len(events)), key=lambda at: events[at][:3])
    found: list[Changes] = [()] * len(events)
    before = NOTHING
    for place in places:
        event = events[place]
        after = _sums(event.payload)
        found[place] = _changes(_change(event.source, event.payload, minus(after, before)))
        before = after
    return found


def day_of_work(source: str, payload: Warehouse) -> SeriesChange | None:
    """Return what an event says alone; None of a day without work."""
    return _change(source, payload, _sums(payload))


def _sums(payload: Warehouse) -> Sums:
    if not _worked(payload):
        return NOTHING
    sums = list(NOTHING)
    sums[DEMAND] = 1
    if payload.kind == STORAGE:
        sums[VOLUME] = _thousandths(payload.volume_cbm)
    else:
        sums[TRIPS] = _thousandths(payload.orders)
    return tuple(sums)


def _worked(payload: Warehouse) -> bool:
    """Return whether there was work: a report without any figure says so by itself."""
    figures = [getattr(payload, name) for name in _AMOUNTS]
    known = [one for one in figures if one is not UNSET and one is not None]
    return not known or any(known)


def _change(source: str, payload: Warehouse, sums: Sums) -> SeriesChange | None:
    if not any(sums):
        return None
    series = SeriesKey(source, WAREHOUSE, payload.kind, payload.site, "", "")
    return SeriesChange(series, day_number(payload.day), sums)


def _changes(change: SeriesChange | None) -> Changes:
    return () if change is None else (change,)


def _thousandths(amount: Any) -> int:
    return round(amount * 1000) if amount else 0  # absent (UNSET), null or zero is false
