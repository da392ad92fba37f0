"""`python -m services.signals.upkeep`: the day's look at the scores, as a process of its own."""

from __future__ import annotations

import os
import sys

import structlog
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.signals.upkeep.job import run_upkeep
from shared.runtime.clock import WallClock
from shared.runtime.process import start
from shared.runtime.settings import Settings
from shared.store.session import Database

log = structlog.get_logger(__name__)
NICENESS = 10


def run(settings: Settings) -> None:
    """Run once, behind everything else that wants the processor."""
    os.nice(NICENESS)
    threadpool_limits(limits=1)
    database = Database(settings.database_url, name="leadline-upkeep", pool_size=1)
    try:
        made = run_upkeep(database, WallClock(), settings.clock)
    finally:
        database.close()
    log.info("upkeep ended", made=made)


if __name__ == "__main__":
    sys.exit(start("upkeep", run))
