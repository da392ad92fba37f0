"""One attempt at a batch of which the database may not be able to hold every fact."""

from __future__ import annotations

from typing import Protocol

import structlog

from services.ingest.aside import set_aside
from services.ingest.batch import Batch, FencedError, PlacedFact, Written
from services.ingest.store.bulk import DuplicateRowError
from shared.store.faults import is_passing

log = structlog.get_logger(__name__)


class Attempts(Protocol):
    """What writes a batch, or tries one fact of it, in a transaction."""

    def write(self, batch: Batch) -> Written:
        """Apply the batch; raises `FencedError`, and the driver's errors."""

    def try_out(self, batch: Batch, placed: PlacedFact) -> str | None:
        """Return what is wrong with a fact, or None; passing faults are raised."""


def write_storable(writer: Attempts, batch: Batch) -> Written:
    """Write the batch; facts that the database cannot hold become dead letters of it.

    Passing faults are raised: then the same batch may be tried again, whatever it holds by then.
    """
    try:
        return writer.write(batch)
    except (FencedError, DuplicateRowError):
        raise
    except Exception as error:
        letter_of = batch.letter_of
        if is_passing(error) or not batch.facts or letter_of is None:
            raise
        log.exception("a batch cannot be stored, looking for the record", error=repr(error))
    set_aside(batch, letter_of, lambda placed: writer.try_out(batch, placed))
    return writer.write(batch)
