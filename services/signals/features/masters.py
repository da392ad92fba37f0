"""Account master data that scoring needs: service levels, and when the KAM changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from services.signals.features.book import Book
from services.signals.features.facts import EventRef, EvidenceFact, Facts

CLOSURE_HOURS = 72.0
ON_TIME = 0.95


class Master(NamedTuple):
    """What is agreed with an account as of a day."""

    closure_hours: float = CLOSURE_HOURS
    on_time: float = ON_TIME
    kam_changed: int | None = None  # microseconds of the last change from one KAM to another
    kam_event: EventRef | None = None


class MasterBook(Book[Master]):
    """The master data of a set of accounts; the defaults where nothing is known."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts, "account", _fold)


def _fold(events: Sequence[EvidenceFact]) -> Master:
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
