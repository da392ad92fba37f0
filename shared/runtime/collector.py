"""Python's cyclic garbage collector, set for services that hold thousands of records at once."""

from __future__ import annotations

import gc

from shared.runtime.clock import Clock

YOUNG = 200_000
"""More objects than a batch of 10,000 records allocates; Python's own 700 made the collector walk
every batch a hundred times, which cost half of all time in the ingest of events."""

EVERY_SECONDS = 10.0
SHARE = 0.01
"""Of the time that collecting may take."""


def relax_collector() -> None:
    """Leave what was loaded at the start alone, and look for cycles less often.

    Reference counting frees all but cycles at once, so this changes when cycles go, not whether.
    Who holds large things in cycles collects by time as well: see `collect_cycles`.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)


def collect_cycles(clock: Clock) -> float:
    """Collect what only cycles hold; return after how many seconds to do so again.

    The collector counts objects, not bytes. The Kafka client leaves each fetch that was not read
    to its end, some megabytes, in a cycle of a few objects: where little else is made they piled
    up, 300 MB beside a slow database.
    """
    begun = clock.monotonic()
    gc.collect()
    return max(EVERY_SECONDS, (clock.monotonic() - begun) / SHARE)
