"""Renewals that come near: half a year before to prepare one, a quarter before to decide it.

A gate that was passed when the date became known is not made up for: the account enters where it
stands, under the last gate that it passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from services.signals.alerting.detectors.spells import FOREVER, Spell
from services.signals.features.facts import DAY_MICROS, EventRef, EvidenceFact, Facts
from services.signals.scoring.words import day_text
from shared.domain.figures import day_number

GATES = (30, 60, 90, 120, 180)
"""Days before the date."""
PREPARE, DECIDE, AFTER = 180, 90, -30
"""Days before the date from which each stage lasts; a date that passed is asked for a month on."""
_STAGES = ((PREPARE, DECIDE, "time to prepare it"), (DECIDE, AFTER, "time to decide it"))
_NO_CUSTOMER = frozenset({"prospect", "merged", "closed"})


class _Known(NamedTuple):
    """What is known of an account's renewal from one of its events to the next."""

    since: int  # microseconds
    day: int | None  # of the renewal, since 1970; None for none
    event: EventRef  # that told it


def renewal_spells(facts: Facts) -> Iterator[Spell]:
    """Yield a spell for each stage of each renewal date of every customer."""
    masters = (fact for fact in facts.evidence if fact.kind == "account")
    for account, told in groupby(masters, key=attrgetter("account")):
        until = facts.merged.get(account, FOREVER)
        known = list(_known(told))
        for at, one in enumerate(known):
            later = known[at + 1] if at + 1 < len(known) else None
            if one.day is not None:
                yield from _stages(account, one, one.day, later, until)


def _known(events: Iterable[EvidenceFact]) -> Iterator[_Known]:
    """Yield what is known of the renewal each time that changes."""
    told: str | None = None
    status: str | None = None
    before: int | None = None
    for event in events:
        told = event.data.get("renewal_date", told)
        status = event.data.get("status", status)
        gone = told is None or status in _NO_CUSTOMER
        day = None if gone else day_number(date.fromisoformat(told))
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
        closing = later if later is not None and later.since == ended < end else None
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
            closing=closing and _closing(closing),
            closed_by=(closing.event,) if closing else (),
        )


def _gate(days: int) -> int:
    """Return the last gate that was passed so many days before the renewal."""
    return next((gate for gate in GATES if days <= gate), GATES[-1])


def _closing(later: _Known) -> str:
    if later.day is None:
        return "no renewal is ahead any more"
    return f"the renewal is on {day_text(later.day)} now"
