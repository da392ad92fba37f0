"""Facts that the database cannot hold become dead letters, so that the rest is stored. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from services.ingest.batch import Batch, LetterOf, PlacedFact
from services.ingest.decode.fact import Refused

NOT_STORABLE: Final = "not_storable"


def set_aside(
    batch: Batch, letter_of: LetterOf, try_out: Callable[[PlacedFact], str | None]
) -> None:
    """Turn the facts that cannot be stored by themselves into dead letters of their records.

    `try_out` returns what is wrong with a fact, or None.
    """
    kept, letters = [], list(batch.dead_letters)
    for placed in batch.facts:
        fault = try_out(placed)
        if fault is None:
            kept.append(placed)
        else:
            letters.append(letter_of(placed, Refused(NOT_STORABLE, fault).rejection()))
    batch.facts, batch.dead_letters = kept, letters
