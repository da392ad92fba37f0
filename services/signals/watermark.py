"""The event clock's watermark: how far event time has surely come."""

from __future__ import annotations

from collections.abc import Sequence

from shared.domain.watermark import Partition, event_time_reached

DAY_MICROS = 86_400_000_000


def next_watermark(
    before: int | None, partitions: Sequence[Partition], now: int, *, complete: bool = False
) -> int | None:
    """Return the watermark, which never falls and does not pass `now`.

    `complete` says that no more is expected for now: the day of grace is not deducted.
    """
    reached = event_time_reached(partitions, now)
    if reached is None:
        return before
    if not complete:
        reached -= DAY_MICROS
    return reached if before is None else max(before, reached)


def last_due_day(watermark: int | None) -> int | None:
    """Return the last day whose 00:00 UTC the watermark has reached."""
    return None if watermark is None else watermark // DAY_MICROS
