"""The events that are counted as business, each kind folded in its own way; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.ingest.entity_changes import Changes, EntityEvent, SeriesChange
from services.ingest.fold_booking import fold_booking, fold_single_booking
from services.ingest.fold_warehouse import day_of_work, fold_warehouse
from shared.contracts.inbound import Warehouse
from shared.domain.event_types import EventType

FOLDED = frozenset({EventType.BOOKING, EventType.MILESTONE, EventType.WAREHOUSE})
"""The types that change sums."""


def fold(events: Sequence[EntityEvent]) -> list[Changes]:
    """Return what each event of one booking or day of work changed, in the order given."""
    if isinstance(events[0].payload, Warehouse):
        return fold_warehouse(events)
    return fold_booking(events)


def fold_single(time: int, source: str, payload: Any) -> SeriesChange | None:
    """Return what an event changes of which nothing else is known."""
    if type(payload) is Warehouse:
        return day_of_work(source, payload)
    return fold_single_booking(time, source, payload)
