"""The event time that intake has reached, where no event clock says it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from shared.domain.watermark import Partition, event_time_reached
from shared.store.base import from_micros, to_micros
from shared.store.moment import shared_micros
from shared.store.partitions import PartitionState, read_partitions

SHOWN_MICROS = 2_000_000
"""No older end of a log is shown: ingest looks again half a second after each look, which takes up
to another one where the broker first lets a fetch of nothing wait. One look may be missed."""


def intake_reached(connection: Connection, now: datetime) -> datetime | None:
    """Return the event time that every record still to come is expected to follow, or None."""
    moment = shared_micros(connection, to_micros(now))
    partitions = [_partition(row, moment) for row in read_partitions(connection)]
    reached = event_time_reached(partitions, moment)
    return None if reached is None else from_micros(reached)


def _partition(row: PartitionState, now: int) -> Partition:
    """Without a memory of positions: at worst a second's records too few are thought to wait."""
    if row.logless:
        return Partition(0, row.max_event_time)
    if row.end_offset is None or not row.fresh(now):
        return Partition(None, row.max_event_time)
    return Partition(max(0, row.end_offset - row.next_offset), row.max_event_time)
