"""How far intake has come, per partition, and where each log ended when it was last measured."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from shared.domain.event_types import BY_TOPIC
from shared.store.driver import driver_rows

FRESH_MICROS = 3_000_000
"""An older measurement of the log's end is no measurement."""
LOGLESS = ("http", "import")
_SAME = "l.cluster_id = o.cluster_id AND l.topic = o.topic AND l.partition = o.partition"
_SEEN = f"""
SELECT o.cluster_id, o.topic, o.partition, o.next_offset, o.max_event_time, o.updated_at,
  o.records_total, l.end_offset, l.measured_at, l.lag_seconds
FROM consumer_offset o LEFT JOIN partition_lag l ON {_SAME}
"""
_UNSEEN = f"""
SELECT l.cluster_id, l.topic, l.partition, 0, NULL, 0, 0, l.end_offset, l.measured_at, l.lag_seconds
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
    lag_seconds: float | None = None

    @property
    def place(self) -> Place:
        """Return the partition's identity."""
        return self.cluster_id, self.topic, self.partition

    @property
    def logless(self) -> bool:
        """Return whether events come here without a log."""
        return self.cluster_id in LOGLESS

    def fresh(self, now: int, within: int = FRESH_MICROS) -> bool:
        """Return whether the log's end was measured lately; `now` is `shared_micros`."""
        return self.measured_at is not None and now - self.measured_at <= within


def read_partitions(connection: Connection) -> tuple[PartitionState, ...]:
    """Return the partitions; of several clusters only the one that was heard of last.

    A topic that is not read may have rows, by an adoption of an earlier version: nobody measures
    it, so it says nothing of how far intake has come.
    """
    rows = [
        PartitionState(*row)
        for row in (*driver_rows(connection, _SEEN), *driver_rows(connection, _UNSEEN))
    ]
    rows = [row for row in rows if row.logless or row.topic in BY_TOPIC]
    logged = [row for row in rows if not row.logless]
    latest = max(logged, key=lambda row: max(row.measured_at or 0, row.updated_at), default=None)
    return tuple(r for r in rows if r.logless or (latest and r.cluster_id == latest.cluster_id))
