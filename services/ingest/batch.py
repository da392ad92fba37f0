"""What one transaction applies: decoded records with their place, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from services.ingest.decode import Fact, Rejection
from shared.contracts.packed_headers import Headers


class Intake(StrEnum):
    """The ways in; the value is also the offset row's cluster for those without a log."""

    KAFKA = "kafka"
    HTTP = "http"
    IMPORT = "import"


class Outcome(StrEnum):
    """What became of an event; also the metric label."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    DEAD_LETTER = "dead_letter"


class PlacedFact(NamedTuple):
    """A fact and where its record stood; no place for HTTP and files."""

    fact: Fact
    partition: int | None = None
    offset: int | None = None


class DeadLetter(NamedTuple):
    """A record that could not be accepted, whole, with the reason."""

    origin: str  # unique: the record's place, or the digest of its bytes
    topic: str | None
    partition: int | None
    offset: int | None
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: str
    detail: str
    recorded_at: int | None  # microseconds


LetterOf = Callable[[PlacedFact, Rejection], DeadLetter]
"""From a fact that is refused after all to the letter of its record, whole as it came."""


class PartitionSlice(NamedTuple):
    """Consecutive records of one partition: from `expected` up to, not including, `following`."""

    cluster_id: str
    topic: str
    partition: int
    expected: int
    following: int
    records: int
    max_event_time: int | None  # microseconds, of events that move the watermark
    last_digest: str


@dataclass(slots=True)
class Batch:
    """Everything one transaction applies."""

    intake: Intake
    arrived_at: int  # microseconds, wall clock
    facts: Sequence[PlacedFact] = ()
    dead_letters: Sequence[DeadLetter] = ()
    slices: Sequence[PartitionSlice] = ()
    max_event_time: int | None = None  # of HTTP and files, which are one partition without lag
    letter_of: LetterOf | None = None
    """How its road makes a letter of a fact's record; without it no fact can be set aside."""
    trips: Mapping[str, str] = field(default_factory=dict)  # topics whose breaker opens, and why
    attempted: bool = field(default=False)  # a COMMIT may have worked unheard


@dataclass(slots=True)
class Written:
    """What the transaction did: one outcome per fact, in order."""

    outcomes: list[Outcome]
    already_done: bool = False  # an earlier attempt had committed unheard


class FencedError(Exception):
    """Offset rows are not where this process left them: locate these partitions again."""

    def __init__(self, places: Sequence[tuple[str, int]]) -> None:
        names = ", ".join(f"{topic}[{partition}]" for topic, partition in places)
        super().__init__(f"{names} moved on by another process")
        self.places = places
