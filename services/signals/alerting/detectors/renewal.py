"""Renewals that come near: half a year before to prepare one, a quarter before to decide it.

The gates are those of `reference/kam.md` 2. One that was passed when the date became known is
not made up for: the account enters where it stands, under the last gate that it passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from services.signals.alerting.detectors.spells import FOREVER, Spell
from services.signals.features.facts import DAY_MICROS, EventRef, EvidenceFact, Facts
from services.signals.scoring.words import day_text

GATES = (30, 60, 90, 120, 180)
"""Days before the date."""
PREPARE, DECIDE, AFTER = 180, 90, -30
"""Days before the date from which each stage lasts; a date that passed is asked for a month on."""
_STAGES = ((PREPARE, DECIDE, "time to prepare it"), (DECIDE, AFTER, "time to decide it"))
_NO_CUSTOMER = frozenset({"prospect", "merged", "closed"})
_FIRST_DAY = date(1970, 1, 1).toordinal()


class _Known(NamedTuple):
    """What is known of an account's renewal from one of its events to the next."""

    since: int  # microseconds
    day: int | None  # of the renewal, since 1970; None for none
    event: EventRef  # that told it


def renewal_spells(facts: Facts) -> Iterator[Spell]:
    """Yield a spell for each stage of each renewal date of every customer."""
    events: dict[int, list[EvidenceFact]] = defaultdict(list)
    for fact in facts.evidence:
        if fact.kind == "account":
            events[fact.account].append(fact)
    for account, told in sorted(events.items()):
        told.sort(key=lambda one: (one.time, one.event.source, one.event.id))
        until = facts.merged.get(account, FOREVER)
        known = list(_known(told))
        for at, one in enumerate(known):
            later = known[at + 1] if at + 1 < len(known) else None
            if one.day is not None:
                yield from _stages(account, one, one.day, later, until)


def _known(events: Sequence[EvidenceFact]) -> Iterator[_Known]:
    """Yield what is known of the renewal each time that changes."""
    told: str | None = None
    status: str | None = None
    before: int | None = None
    for event in events:
        told = event.data.get("renewal_date", told)
        status = event.data.get("status", status)
        day = None if told is None or status in _NO_CUSTOMER else _day_of(told)
        if day != before:
            yield _Known(event.time, day, event.event)
            before = day


def _stages(
    account: int, known: _Known, renewal: int, later: _Known | None, until: int
) -> Iterator[Spell]:
    ended = until if later is None else min(later.since, until)
    for begins, ends, task in _STAGES:
        start = max(known.since, (renewal - begins) * DAY_MICROS)
        end = (renewal - ends) * DAY_MICROS
        if start >= min(end, ended):
            continue
        told = later is not None and later.since == ended < end
        yield Spell(
            account,
            "renewal",
            f"gate_{_gate(renewal - start // DAY_MICROS)}",
            "account",
            "",
            f"Renewal on {day_text(renewal)}: {task}",
            (known.event,),
            start,
            min(end, ended),
            closing=_closing(later) if told and later else None,
            closed_by=(later.event,) if told and later else (),
        )


def _gate(days: int) -> int:
    """Return the last gate that was passed so many days before the renewal."""
    return next((gate for gate in GATES if days <= gate), GATES[-1])


def _closing(later: _Known) -> str:
    if later.day is None:
        return "no renewal is ahead any more"
    return f"the renewal is on {day_text(later.day)} now"


def _day_of(told: str) -> int:
    return date.fromisoformat(told).toordinal() - _FIRST_DAY
