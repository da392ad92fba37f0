"""A writer that outlives its database's failures, and isolates what it cannot store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

from services.ingest.batch import Batch, Written
from services.ingest.patience import GivenUpError, pauses
from services.ingest.store.isolating import write_storable
from services.ingest.store.writer import FactWriter
from shared.store.faults import is_passing
from shared.store.session import Database

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class PatientWriter:
    """Retries with the same batch in hand, on the caller's thread; for events without a log.

    Threads may share it: they write one after the other, since the writer's cache of row ids knows
    one transaction at a time. `on_commit` wakes whoever shares the process and waits for facts.
    """

    def __init__(self, database: Database, on_commit: Callable[[], None] | None = None) -> None:
        self._writer = FactWriter(database)
        self._on_commit = on_commit
        self._one_at_a_time = threading.Lock()
        self._stop = threading.Event()

    def write(self, batch: Batch) -> Written:
        """Write until it is done; raises `FencedError` and `GivenUpError`."""
        with self._one_at_a_time:
            written = self.patiently(lambda: write_storable(self._writer, batch))
        if self._on_commit is not None:
            self._on_commit()
        return written

    def patiently(self, work: Callable[[], Result]) -> Result:
        """Run `work` again, with growing pauses, while the database is away."""
        for pause in pauses():
            try:
                return work()
            except Exception as error:
                if not is_passing(error):
                    raise
                log.warning("the database is away, trying again", error=str(error).split("\n")[0])
            if self._stop.wait(pause):
                break
        raise GivenUpError

    def give_up(self) -> None:
        """End every wait."""
        self._stop.set()
