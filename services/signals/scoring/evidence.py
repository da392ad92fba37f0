"""Evidence beside the bookings, as additive log-odds with prior weights.

The weights are beliefs, not measurements, until an installation's own outcomes move them
(`training.evidence`). An entry decays with `w * 2^(-age / half-life)` from its time; an episode
that is still open does not decay; one entry per episode. Families are capped at 1.8 and their sum
at 3.0; what is unknown adds nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from services.signals.features.facts import DAY_MICROS, EventRef
from services.signals.features.service_events import ServiceSpan

FAMILY_CAP = 1.8
TOTAL_CAP = 3.0


class Weight(NamedTuple):
    """Prior of a kind of evidence: its family, log-odds and half-life in days."""

    family: str
    log_odds: float
    half_life: float

    @property
    def spread(self) -> float:
        """Return how sure the belief is: half of itself, at least a weak weight."""
        return max(abs(self.log_odds) / 2, 0.25)


WEIGHTS = {
    "stakeholder_left": Weight("people", 1.2, 120.0),
    "only_contact_left": Weight("people", 1.2, 90.0),
    "severe_complaint_open": Weight("complaint", 1.2, 45.0),
    "repeated_complaints": Weight("complaint", 1.2, 60.0),
    "bookings_rolled": Weight("supply", 0.6, 45.0),
    "bookings_rejected": Weight("supply", 0.6, 45.0),
    "late_deliveries": Weight("supply", 0.6, 60.0),
    "complaint_escalated": Weight("complaint", 0.6, 45.0),
    "new_head_of_buying": Weight("people", 0.6, 120.0),
    "minor_complaints": Weight("complaint", 0.25, 45.0),
    "cancellations_up": Weight("commercial", 0.25, 45.0),
    "kam_changed": Weight("people", 0.25, 90.0),
    "single_contact": Weight("people", 0.25, 366.0),
    "inputs_silent": Weight("coverage", 0.0, 366.0),
    "complaint_resolved_well": Weight("complaint", -0.25, 60.0),
    "many_functions": Weight("people", -0.25, 90.0),
}
"""A silent input says nothing of the customer as far as we know: its weight is for data to find."""

PRIORS: Mapping[str, float] = {code: weight.log_odds for code, weight in WEIGHTS.items()}


class Entry(NamedTuple):
    """One piece of evidence as of a day: its log-odds, a countable fact and its events.

    `strength` is what the weight is multiplied by: decay, and a factor for what counts more.
    `span` says where its events are, if they are looked up only once somebody is told.
    """

    code: str
    log_odds: float
    text: str
    events: tuple[EventRef, ...]
    strength: float = 1.0
    span: ServiceSpan | None = None


def entry(
    code: str,
    text: str,
    events: tuple[EventRef, ...],
    *,
    age_days: float = 0.0,
    factor: float = 1.0,
    span: ServiceSpan | None = None,
) -> Entry:
    """Return the evidence with its weight decayed by its age; age 0 while it is open."""
    prior = WEIGHTS[code]
    strength = factor * 2.0 ** (-max(age_days, 0.0) / prior.half_life)
    return Entry(code, prior.log_odds * strength, text, events, strength, span)


class Learned(NamedTuple):
    """What outcomes made of the beliefs: weights, and the offset of everybody's log-odds."""

    weights: Mapping[str, float] = PRIORS
    offset: float = 0.0


def learned_evidence(manifest: Mapping[str, Any]) -> Learned:
    """Return what a model's manifest says of the evidence; the beliefs where it says nothing."""
    kept = manifest.get("evidence")
    if kept is None:
        return Learned()
    return Learned({**PRIORS, **kept["weights"]}, float(kept["offset"]))


def age_in_days(day: int, time: int) -> float:
    """Return the days from `time` (microseconds) to 00:00 UTC of `day`."""
    return day - time / DAY_MICROS


def weighed(entries: list[Entry], weights: Mapping[str, float]) -> list[Entry]:
    """Return the entries under other weights than the prior ones; those of no weight fall out."""
    moved = [one._replace(log_odds=weights[one.code] * one.strength) for one in entries]
    return [one for one in moved if one.log_odds]


def capped(entries: list[Entry]) -> list[Entry]:
    """Return the entries scaled so that no family and not the sum exceeds its cap."""
    families: dict[str, float] = defaultdict(float)
    for one in entries:
        families[WEIGHTS[one.code].family] += one.log_odds
    scale = {
        family: min(1.0, FAMILY_CAP / abs(total)) if total else 1.0
        for family, total in families.items()
    }
    scaled = [
        one._replace(log_odds=one.log_odds * scale[WEIGHTS[one.code].family]) for one in entries
    ]
    total = abs(sum(one.log_odds for one in scaled))
    if total <= TOTAL_CAP:
        return scaled
    return [one._replace(log_odds=one.log_odds * TOTAL_CAP / total) for one in scaled]
