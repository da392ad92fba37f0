"""Records of one partition, decoded up to where the breaker opens. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.ingest.batch import DeadLetter, PartitionSlice, PlacedFact
from services.ingest.breaker import Breaker
from services.ingest.decode import Fact, Rejection, decode
from shared.domain.event_types import AHEAD_MICROS, EventType
from shared.kafka.positions import Place, record_digest

_new = tuple.__new__  # a named tuple's own constructor costs twice as much


@dataclass(slots=True)
class DecodedPortion:
    """Decoded consecutive records of one partition."""

    place: Place
    slice: PartitionSlice
    facts: list[PlacedFact]
    dead_letters: list[DeadLetter]
    tripped: str | None  # why the breaker opened at the last record taken
    last_timestamp: int  # milliseconds, of the last record taken; of a wrong clock, now
    raw: Sequence[Any]  # the records as they came, for what cannot be stored

    @property
    def following(self) -> int:
        """Return the offset after the last record taken."""
        return self.slice.following

    @property
    def records(self) -> int:
        """Return how many records were taken."""
        return self.slice.records

    def letter_of(self, placed: PlacedFact, why: Rejection) -> DeadLetter | None:
        """Return the letter of the record that a fact was made of; None when it is not of here."""
        if (placed.fact.type.topic, placed.partition) != self.place:
            return None
        record = next((one for one in self.raw if one.offset == placed.offset), None)
        if record is None:
            return None
        return _letter(record, self.slice.cluster_id, placed.fact.recorded, *why)


def decoded(
    records: Sequence[Any],
    place: Place,
    expected: int,
    *,
    cluster_id: str,
    now: int,
    breaker: Breaker | None,
) -> DecodedPortion:
    """Decode records from `expected` on; the one that opens the breaker is the last taken.

    Under `CreateTime` a record's timestamp is whatever its producer wrote. One that it lacks (-1),
    or that is further ahead than any event's time may be, can be nothing but a wrong clock or unit:
    then ours counts.
    """
    facts: list[PlacedFact] = []
    letters: list[DeadLetter] = []
    tripped, last, passed = None, records[-1], 0
    topic, partition = place
    latest = (now + AHEAD_MICROS) // 1000
    for record in records:
        key, timestamp = record.key, record.timestamp
        recorded = timestamp * 1000 if 0 <= timestamp <= latest else now
        made = decode(
            record.value,
            record.headers,
            key=key,
            topic=topic,
            recorded_default=recorded,
            now=now,
        )
        if isinstance(made, Fact):
            facts.append(_new(PlacedFact, (made, partition, record.offset)))
            continue
        letters.append(_letter(record, cluster_id, recorded, *made))
        if breaker is not None:
            breaker.passed(len(facts) - passed)
            passed = len(facts)
            if tripped := breaker.failed(key):
                last = record
                break
    if breaker is not None:
        breaker.passed(len(facts) - passed)
    moves = topic != EventType.ACCOUNT.topic
    newest = max([fact.time for fact, _, _ in facts], default=None) if moves else None
    part = PartitionSlice(
        cluster_id, place.topic, place.partition, expected, last.offset + 1,
        len(facts) + len(letters), newest, record_digest(last.value, last.key, last.timestamp),
    )  # fmt: skip
    return DecodedPortion(place, part, facts, letters, tripped, recorded // 1000, records)


def joined(portions: Sequence[DecodedPortion]) -> list[PartitionSlice]:
    """Return one slice per partition; portions of the same one follow on each other."""
    slices: dict[Place, PartitionSlice] = {}
    for portion in portions:
        part, before = portion.slice, slices.get(portion.place)
        if before is not None:
            times = [t for t in (before.max_event_time, part.max_event_time) if t is not None]
            part = part._replace(
                expected=before.expected,
                records=before.records + part.records,
                max_event_time=max(times, default=None),
            )
        slices[portion.place] = part
    return list(slices.values())


def letter_of(portions: Sequence[DecodedPortion], placed: PlacedFact, why: Rejection) -> DeadLetter:
    """Return the letter of the record that a fact of one of the portions was made of."""
    found = (portion.letter_of(placed, why) for portion in portions)
    return next(letter for letter in found if letter is not None)


def _letter(record: Any, cluster_id: str, recorded: int, reason: str, detail: str) -> DeadLetter:
    origin = f"kafka:{cluster_id}:{record.topic}:{record.partition}:{record.offset}"
    return DeadLetter(
        origin, record.topic, record.partition, record.offset, record.key, record.value,
        record.headers, reason, detail, recorded,
    )  # fmt: skip
