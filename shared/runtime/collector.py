"""Python's cyclic garbage collector, set for services that hold thousands of records at once."""

from __future__ import annotations

import gc

YOUNG = 200_000
"""More objects than a batch of 10,000 records allocates; Python's own 700 made the collector walk
every batch a hundred times, which cost half of all time in the ingest of events."""


def relax_collector() -> None:
    """Leave what was loaded at the start alone, and look for cycles less often.

    Reference counting frees all but cycles at once, so this changes when cycles go, not whether.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 10, 10)
