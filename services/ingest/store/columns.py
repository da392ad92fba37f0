"""A batch's facts column by column: what is done with ten thousand rows is then done in C."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple

from services.ingest.batch import PlacedFact
from services.ingest.entity_changes import SeriesKey
from shared.domain.event_types import EventType

_OF_FACT = attrgetter(
    "source", "id", "type", "subject", "time", "recorded", "data", "entity", "series", "sums"
)


class FactColumns(NamedTuple):
    """Facts in order; each column has as many entries as there are facts."""

    sources: Sequence[str]
    ids: Sequence[str]
    types: Sequence[EventType]
    subjects: Sequence[str]
    times: Sequence[int]
    recorded: Sequence[int]
    data: Sequence[bytes]
    hashes: Sequence[int]  # of what each speaks of
    series: Sequence[SeriesKey | None]
    sums: Sequence[bytes | None]
    partitions: Sequence[int | None]
    offsets: Sequence[int | None]

    def only(self, chosen: Sequence[Any]) -> FactColumns:
        """Return the facts whose entry in `chosen` is true."""
        return FactColumns._make([list(compress(column, chosen)) for column in self])


def columns_of(placed: Sequence[PlacedFact]) -> FactColumns:
    """Return the columns of at least one fact."""
    facts, partitions, offsets = zip(*placed, strict=True)
    return FactColumns._make([*zip(*map(_OF_FACT, facts), strict=True), partitions, offsets])
