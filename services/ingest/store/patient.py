"""A writer that outlives its database's failures, and isolates what it cannot store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

from services.ingest.aside import set_aside
from services.ingest.batch import Batch, FencedError, Written
from services.ingest.patience import GivenUpError, pauses
from services.ingest.store.bulk import DuplicateRowError
from services.ingest.store.writer import FactWriter
from shared.store.faults import is_passing
from shared.store.session import Database

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class PatientWriter:
    """Retries with the same batch in hand, on the caller's thread; for events without a log.

    `on_commit` wakes whoever shares the process and waits for facts.
    """

    def __init__(self, database: Database, on_commit: Callable[[], None] | None = None) -> None:
        self._writer = FactWriter(database)
        self._on_commit = on_commit
        self._stop = threading.Event()

    def write(self, batch: Batch) -> Written:
        """Write until it is done; raises `FencedError` and `GivenUpError`."""
        written = self._write(batch)
        if self._on_commit is not None:
            self._on_commit()
        return written

    def _write(self, batch: Batch) -> Written:
        try:
            return self.patiently(lambda: self._writer.write(batch))
        except (FencedError, GivenUpError, DuplicateRowError):
            raise
        except Exception as error:
            if not batch.facts:
                raise
            log.exception("a batch cannot be stored, looking for the record", error=repr(error))
            set_aside(
                batch, lambda placed: self.patiently(lambda: self._writer.try_out(batch, placed))
            )
            return self.patiently(lambda: self._writer.write(batch))

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
