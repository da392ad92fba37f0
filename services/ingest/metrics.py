"""Counts of what became of events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from operator import attrgetter

from services.ingest.batch import DeadLetter, Outcome, PlacedFact
from shared.domain.event_types import BY_TOPIC, EventType
from shared.runtime.telemetry import EVENTS

_TYPE = attrgetter("fact.type")


def count_outcomes(facts: Sequence[PlacedFact], outcomes: Sequence[Outcome]) -> None:
    """Count a batch's facts by type and outcome."""
    kinds = Counter(map(_TYPE, facts))
    others: Counter[tuple[EventType, Outcome]] = Counter()
    if outcomes.count(Outcome.APPLIED) < len(outcomes):
        others.update(
            (placed.fact.type, outcome)
            for placed, outcome in zip(facts, outcomes, strict=True)
            if outcome is not Outcome.APPLIED
        )
    for (kind, outcome), count in others.items():
        kinds[kind] -= count
        EVENTS.labels(kind.noun, outcome.value).inc(count)
    for kind, count in kinds.items():
        EVENTS.labels(kind.noun, Outcome.APPLIED.value).inc(count)


def count_dead_letters(letters: Sequence[DeadLetter]) -> None:
    """Count dead letters by the type of their topic; `other` where there is none."""
    nouns = Counter(
        BY_TOPIC[letter.topic].noun if letter.topic in BY_TOPIC else "other" for letter in letters
    )
    for noun, count in nouns.items():
        EVENTS.labels(noun, Outcome.DEAD_LETTER.value).inc(count)
