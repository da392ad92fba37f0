"""How far intake has come, per partition: the watermark's input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from shared.domain.watermark import Partition
from shared.store.driver import driver_rows

FRESH_MICROS = 3_000_000
LOGLESS = ("http", "import")
_COLUMNS = (
    "cluster_id", "topic", "partition", "next_offset", "max_event_time", "updated_at",
    "records_total", "end_offset", "measured_at",
)  # fmt: skip
_SAME = "l.cluster_id = o.cluster_id AND l.topic = o.topic AND l.partition = o.partition"
_SEEN = f"""
SELECT o.cluster_id, o.topic, o.partition, o.next_offset, o.max_event_time, o.updated_at,
  o.records_total, l.end_offset, l.measured_at
FROM consumer_offset o LEFT JOIN partition_lag l ON {_SAME}
"""
_UNSEEN = f"""
SELECT l.cluster_id, l.topic, l.partition, 0, NULL, 0, 0, l.end_offset, l.measured_at
FROM partition_lag l LEFT JOIN consumer_offset o ON {_SAME}
WHERE o.cluster_id IS NULL
"""
Place = tuple[str, str, int]


class PartitionState(NamedTuple):
    """One row: what was applied (up to `updated_at`), and the log's end at `measured_at`."""

    cluster_id: str
    topic: str
    partition: int
    next_offset: int
    max_event_time: int | None
    updated_at: int
    records_total: int
    end_offset: int | None
    measured_at: int | None

    @property
    def place(self) -> Place:
        """Return the partition's identity."""
        return self.cluster_id, self.topic, self.partition

    @property
    def logless(self) -> bool:
        """Return whether events come here without a log."""
        return self.cluster_id in LOGLESS


def read_partitions(connection: Connection) -> tuple[PartitionState, ...]:
    """Return the partitions; of several clusters only the one that was heard of last."""
    rows = [
        PartitionState(*row)
        for row in (*driver_rows(connection, _SEEN), *driver_rows(connection, _UNSEEN))
    ]
    logged = [row for row in rows if not row.logless]
    latest = max(logged, key=lambda row: max(row.measured_at or 0, row.updated_at), default=None)
    return tuple(r for r in rows if r.logless or (latest and r.cluster_id == latest.cluster_id))


class IntakeMemory:
    """Sets what was applied against the log's end *of the same moment*.

    A log's end is measured once a second, by whoever reads that partition. What was applied after
    the measurement says nothing of what was written meanwhile, so each measurement is met with the
    position as it was before. The event time reached is that of the oldest of the measurements:
    what one partition told since may follow what another has not yet shown.
    """

    def __init__(self) -> None:
        self._seen: dict[Place, list[PartitionState]] = {}

    def partitions(self, rows: Sequence[PartitionState], now: int) -> tuple[Partition, ...]:
        """Return lag and event time per partition; `now` is the wall clock in microseconds."""
        measured = [row.measured_at for row in rows if _fresh(row, now)]
        oldest = min((at for at in measured if at is not None), default=now)
        return tuple(self._partition(row, now, oldest) for row in rows)

    def _partition(self, row: PartitionState, now: int, oldest: int) -> Partition:
        if row.logless:
            return Partition(0, row.max_event_time)
        past = self._seen.setdefault(row.place, [])
        if not past or past[-1].updated_at != row.updated_at:
            past.append(row)
        at_oldest = _last(past, oldest)
        if row.end_offset is None or row.measured_at is None or at_oldest is None:
            return Partition(None, row.max_event_time)
        if not _fresh(row, now):
            return Partition(None, row.max_event_time)
        stood = past[_last(past, row.measured_at) or 0].next_offset
        del past[:at_oldest]
        return Partition(max(0, row.end_offset - stood), past[0].max_event_time)


def _fresh(row: PartitionState, now: int) -> bool:
    at = row.measured_at
    return not row.logless and at is not None and now - at <= FRESH_MICROS


def _last(past: Sequence[PartitionState], at: int) -> int | None:
    """Return the index of the last state that was applied by `at`."""
    return max((place for place, one in enumerate(past) if one.updated_at <= at), default=None)


def mark(rows: Sequence[PartitionState]) -> tuple[int, int]:
    """Return what changes with every record that is applied."""
    return sum(row.records_total for row in rows), max((row.updated_at for row in rows), default=0)
