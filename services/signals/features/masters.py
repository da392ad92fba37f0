"""Account master data that scoring needs: service levels, and when the KAM changed."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from typing import Any, NamedTuple

from services.signals.features.facts import DAY_MICROS, EventRef, EvidenceFact, Facts

CLOSURE_HOURS = 72.0
ON_TIME = 0.95


class Master(NamedTuple):
    """What is agreed with an account as of a day."""

    closure_hours: float = CLOSURE_HOURS
    on_time: float = ON_TIME
    kam_changed: int | None = None  # microseconds of the last change from one KAM to another
    kam_event: EventRef | None = None


class MasterBook:
    """The account events of a set of accounts; folds are kept until a new event counts."""

    def __init__(self, facts: Facts) -> None:
        self._facts: dict[int, list[EvidenceFact]] = defaultdict(list)
        for fact in facts.evidence:
            if fact.kind == "account":
                self._facts[fact.account].append(fact)
        for items in self._facts.values():
            items.sort(key=lambda one: (one.time, one.event.source, one.event.id))
        self._times = {key: [one.time for one in items] for key, items in self._facts.items()}
        self._folded: dict[int, tuple[int, Master]] = {}

    @property
    def accounts(self) -> tuple[int, ...]:
        """Return the accounts with master data, ascending."""
        return tuple(sorted(self._facts))

    def as_of(self, account: int, day: int) -> Master:
        """Return what is known of the account as of `day`; the defaults where nothing is."""
        times = self._times.get(account)
        if times is None:
            return _UNKNOWN
        seen = bisect_left(times, day * DAY_MICROS)
        kept = self._folded.get(account)
        if kept is None or kept[0] != seen:
            kept = (seen, _fold(self._facts[account][:seen]))
            self._folded[account] = kept
        return kept[1]


_UNKNOWN = Master()


def _fold(events: list[EvidenceFact]) -> Master:
    sla: dict[str, Any] = {}
    kam: str | None = None
    changed: EvidenceFact | None = None
    for event in events:
        if "sla" in event.data:
            given = event.data["sla"]
            sla = given if isinstance(given, dict) else {}
        person = event.data.get("kam")
        named = person.get("id") if isinstance(person, dict) else None
        if named is not None:
            changed = event if kam is not None and named != kam else changed
            kam = named
    return Master(
        closure_hours=_number(sla.get("closure_hours"), CLOSURE_HOURS),
        on_time=_share(_number(sla.get("otd"), ON_TIME)),
        kam_changed=None if changed is None else changed.time,
        kam_event=None if changed is None else changed.event,
    )


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else default


def _share(value: float) -> float:
    """Return a share whether it was given as 0.97 or as 97."""
    return value / 100.0 if value > 1.0 else value
