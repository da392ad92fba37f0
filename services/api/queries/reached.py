"""The event time that intake has reached, where no event clock says it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from shared.domain.watermark import Partition, event_time_reached
from shared.store.base import from_micros, to_micros
from shared.store.tables import ConsumerOffsetRow, PartitionLagRow

LOGLESS = ("http", "import")
FRESH = timedelta(seconds=3)
"""An older measurement of the log's end is no measurement."""


def intake_reached(connection: Connection, now: datetime) -> datetime | None:
    """Return the event time that every record still to come is expected to follow, or None."""
    reached = event_time_reached(list(_partitions(connection, now)))
    return None if reached is None else from_micros(reached)


def _partitions(connection: Connection, now: datetime) -> Iterator[Partition]:
    """Yield those without a log, and those of the cluster that was heard of last."""
    ends = {_place(row): row for row in connection.execute(select(PartitionLagRow.__table__))}
    rows = {_place(row): row for row in connection.execute(select(ConsumerOffsetRow.__table__))}
    heard = [(row.measured_at, row.cluster_id) for row in ends.values()]
    heard += [(row.updated_at, row.cluster_id) for row in rows.values()]
    latest = max((one for one in heard if one[1] not in LOGLESS), default=(now, None))[1]
    for place in rows.keys() | ends.keys():
        row, end = rows.get(place), ends.get(place)
        newest = to_micros(row.max_event_time) if row and row.max_event_time else None
        if place[0] in LOGLESS:
            yield Partition(0, newest)
        elif place[0] == latest:
            fresh = end is not None and now - end.measured_at <= FRESH
            applied = row.next_offset if row else 0
            yield Partition(max(0, end.end_offset - applied) if end and fresh else None, newest)


def _place(row: Any) -> tuple[str, str, int]:
    return row.cluster_id, row.topic, row.partition
