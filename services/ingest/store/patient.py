"""A writer that outlives its database's failures, and isolates what it cannot store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

from services.ingest.batch import Batch, DeadLetter, FencedError, PlacedFact, Written
from services.ingest.store.bulk import DuplicateRowError
from services.ingest.store.writer import FactWriter
from shared.store.faults import is_passing
from shared.store.session import Database

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.1
MAX_PAUSE = 2.0
Result = TypeVar("Result")


class GivenUpError(Exception):
    """The process is to end while the database does not answer; nothing was lost."""


class PatientWriter:
    """Retries with the same batch in hand; compare-and-set tells whether a lost COMMIT worked.

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
            self._set_aside(batch)
            return self.patiently(lambda: self._writer.write(batch))

    def patiently(self, work: Callable[[], Result]) -> Result:
        """Run `work` again, with growing pauses, while the database is away."""
        pause = FIRST_PAUSE
        while True:
            try:
                return work()
            except Exception as error:
                if not is_passing(error):
                    raise
                log.warning("the database is away, trying again", error=str(error).split("\n")[0])
            if self._stop.wait(pause):
                raise GivenUpError
            pause = min(pause * 2, MAX_PAUSE)

    def give_up(self) -> None:
        """End every wait."""
        self._stop.set()

    def _set_aside(self, batch: Batch) -> None:
        """Turn the facts that cannot be stored by themselves into dead letters."""
        kept, letters = [], list(batch.dead_letters)
        for placed in batch.facts:
            fault = self.patiently(lambda placed=placed: self._writer.try_out(batch, placed))  # type: ignore[misc]
            if fault is None:
                kept.append(placed)
            else:
                letters.append(_letter(batch, placed, fault))
        batch.facts, batch.dead_letters = kept, letters


def _letter(batch: Batch, placed: PlacedFact, fault: str) -> DeadLetter:
    fact = placed.fact
    part = next((s for s in batch.slices if s.topic == fact.type.topic), None)
    if part is None or placed.offset is None:
        origin, topic = f"{batch.intake}:{fact.source}:{fact.id}", None
    else:
        origin = f"kafka:{part.cluster_id}:{part.topic}:{placed.partition}:{placed.offset}"
        topic = part.topic
    return DeadLetter(
        origin, topic, placed.partition, placed.offset, fact.subject.encode(), fact.data, (),
        "not_storable", fault[:300], fact.recorded,
    )  # fmt: skip
