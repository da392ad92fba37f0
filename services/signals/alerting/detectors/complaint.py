"""Complaints that need a person: severe ones at once, slow ones and bursts at the next day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from services.signals.alerting.detectors.spells import FOREVER, Spell
from services.signals.features.complaints import HOUR_MICROS, REPEATED, REPEATED_DAYS
from services.signals.features.facts import DAY_MICROS, EventRef, EvidenceFact, Facts
from services.signals.features.masters import MasterBook
from services.signals.scoring.words import day_text
from shared.domain.tickets import Ticket, phase_rank, ticket_name

LEAST_SEVERITY = 3
"""Tickets of severity 4 may take their time; without a severity a ticket counts."""


class _State(NamedTuple):
    """A ticket from one of its events to the next."""

    start: int
    end: int
    ticket: Ticket
    severity: int | None
    category: str | None

    @property
    def asks(self) -> bool:
        """Return whether it is an open complaint."""
        return self.ticket.is_open and self.ticket.counts


def complaint_spells(facts: Facts) -> Iterator[Spell]:
    """Yield the spells of all tickets and the bursts of every account."""
    masters = MasterBook(facts)
    tickets: dict[tuple[int, str], list[EvidenceFact]] = defaultdict(list)
    for fact in facts.evidence:
        if fact.kind == "complaint":
            tickets[fact.account, fact.ref].append(fact)
    openings: dict[int, list[tuple[int, EventRef]]] = defaultdict(list)
    for (account, ref), events in sorted(tickets.items()):
        events.sort(key=_order)
        states = list(_states(events))
        opened = events[0].time
        hours = masters.as_of(account, opened // DAY_MICROS + 1).closure_hours
        yield from _severe(account, ref, states, events)
        yield from _over_sla(account, ref, states, events, hours)
        if states[0].ticket.counts:
            openings[account].append((opened, events[0].event))
    for account, opened_events in openings.items():
        yield from _bursts(account, sorted(opened_events))


def _states(events: list[EvidenceFact]) -> Iterator[_State]:
    data: dict[str, Any] = {}
    ticket = Ticket()
    for at, event in enumerate(events):
        data.update(event.data)
        ticket = ticket.after(event.data)
        end = events[at + 1].time if at + 1 < len(events) else FOREVER
        yield _State(event.time, end, ticket, data.get("severity"), data.get("category"))


def _severe(
    account: int, ref: str, states: list[_State], events: list[EvidenceFact]
) -> Iterator[Spell]:
    for first, last in _runs([one.asks and one.severity == 1 for one in states]):
        state = states[first]
        name = ticket_name(events[0].data, ref)
        about = f" about {state.category}" if state.category else ""
        yield Spell(
            account,
            "complaint",
            "severe_complaint",
            "ticket",
            ref,
            f"Severe complaint {name}{about}, {_since(state.start)}",
            (events[first].event,),
            state.start,
            states[last].end,
            at_once=True,
            **_closing(states, events, last),
        )


def _over_sla(
    account: int,
    ref: str,
    states: list[_State],
    events: list[EvidenceFact],
    hours: float,
) -> Iterator[Spell]:
    opened, name = events[0].time, ticket_name(events[0].data, ref)
    breach = opened + round(hours * HOUR_MICROS)
    late = [
        one.asks and (one.severity is None or 1 < one.severity <= LEAST_SEVERITY) for one in states
    ]
    for first, last in _runs(late):
        yield Spell(
            account,
            "complaint",
            "complaint_over_sla",
            "ticket",
            ref,
            f"Complaint {name} open since {_day(opened)}, agreed {hours:g} h",
            (events[0].event,),
            min(max(breach, states[first].start), states[last].end),
            states[last].end,
            **_closing(states, events, last),
        )


def _closing(states: list[_State], events: list[EvidenceFact], last: int) -> dict[str, Any]:
    """Return what a spell says of its end, where the ticket was solved after the state `last`."""
    if last + 1 >= len(states) or states[last + 1].ticket.is_open:
        return {}
    solved = f"solved {_since(states[last + 1].start)}"
    return {"closing": solved, "closed_by": (events[last + 1].event,)}


def _bursts(account: int, opened: list[tuple[int, EventRef]]) -> Iterator[Spell]:
    """Yield one spell per unbroken time in which 3 complaints were opened within 90 days."""
    span = REPEATED_DAYS * DAY_MICROS
    first: int | None = None
    start = end = 0
    for at in range(REPEATED - 1, len(opened)):
        oldest = opened[at - REPEATED + 1][0]
        if opened[at][0] - oldest >= span:
            continue
        if first is not None and opened[at][0] > end:
            yield _burst(account, opened[first : first + REPEATED], start, end)
            first = None
        if first is None:
            first, start = at - REPEATED + 1, opened[at][0]
        end = oldest + span
    if first is not None:
        yield _burst(account, opened[first : first + REPEATED], start, end)


def _burst(account: int, three: list[tuple[int, EventRef]], start: int, end: int) -> Spell:
    days = (three[-1][0] - three[0][0]) // DAY_MICROS + 1
    return Spell(
        account,
        "complaint",
        "repeated_complaint",
        "account",
        "",
        f"{len(three)} complaints opened in {days} days, the last {_since(start)}",
        tuple(event for _, event in three),
        start,
        end,
    )


def _runs(flags: list[bool]) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of each unbroken stretch of true flags."""
    first: int | None = None
    for at, flag in enumerate([*flags, False]):
        if flag and first is None:
            first = at
        if not flag and first is not None:
            yield first, at - 1
            first = None


def _order(fact: EvidenceFact) -> tuple[int, int, str, str]:
    return fact.time, phase_rank(fact.data), fact.event.source, fact.event.id


def _day(time: int) -> str:
    return day_text(time // DAY_MICROS)


def _since(time: int) -> str:
    return f"on {_day(time)}"
