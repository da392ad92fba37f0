"""How far event time has surely come, over the partitions of intake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Partition(NamedTuple):
    """What is known of one partition; times in microseconds since 1970.

    `lag` is the count of records not yet applied; None when it was not measured lately. HTTP
    and imports count as one partition each that never lags.
    """

    lag: int | None
    max_event_time: int | None


def event_time_reached(partitions: Sequence[Partition], now: int) -> int | None:
    """Return the event time that every record still to come is expected to follow.

    The least of the lagging partitions; without lag the greatest of all. None while nothing
    can be said: an unknown lag, or a lagging partition of which nothing was applied yet. A
    producer's clock may run ahead by minutes: `now` is not passed.
    """
    if any(part.lag is None for part in partitions):
        return None
    lagging = [part.max_event_time for part in partitions if part.lag]
    if any(time is None for time in lagging):
        return None
    if lagging:
        return min(now, *(time for time in lagging if time is not None))
    times = [part.max_event_time for part in partitions if part.max_event_time is not None]
    return min(now, max(times)) if times else None
