"""What was applied of each partition when its log's end was measured: the watermark's input."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.watermark import Partition
from shared.store.partitions import PartitionState, Place


class IntakeMemory:
    """Sets what was applied against the log's end *of the same moment*.

    A log's end is measured about once a second, by whoever reads that partition. What was applied
    after the measurement says nothing of what was written meanwhile, so each measurement is met
    with the position as it was before. The event time reached is that of the oldest of the
    measurements: what one partition told since may follow what another has not yet shown.
    """

    def __init__(self) -> None:
        self._seen: dict[Place, list[PartitionState]] = {}

    def partitions(self, rows: Sequence[PartitionState], now: int) -> tuple[Partition, ...]:
        """Return lag and event time per partition; `now` is the wall clock in microseconds."""
        measured = [row.measured_at for row in rows if not row.logless and row.fresh(now)]
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
        if not row.fresh(now):
            return Partition(None, row.max_event_time)
        stood = past[_last(past, row.measured_at) or 0].next_offset
        del past[:at_oldest]
        return Partition(max(0, row.end_offset - stood), past[0].max_event_time)


def _last(past: Sequence[PartitionState], at: int) -> int | None:
    """Return the index of the last state that was applied by `at`."""
    return max((place for place, one in enumerate(past) if one.updated_at <= at), default=None)


def mark(rows: Sequence[PartitionState]) -> tuple[int, int]:
    """Return what changes with every record that is applied."""
    return sum(row.records_total for row in rows), max((row.updated_at for row in rows), default=0)
