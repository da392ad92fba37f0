"""Counts of what became of events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from services.ingest.batch import DeadLetter, Outcome, PlacedFact
from shared.domain.event_types import BY_TOPIC
from shared.runtime.telemetry import EVENTS


def count_outcomes(facts: Sequence[PlacedFact], outcomes: Sequence[Outcome]) -> None:
    """Count a batch's facts by type and outcome."""
    kinds = Counter(placed.fact.type for placed in facts)
    others = Counter(
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
