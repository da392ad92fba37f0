"""Complaints: the events of a ticket folded into what is true of it as of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from services.signals.features.book import Book
from services.signals.features.facts import EventRef, EvidenceFact, Facts
from shared.domain.tickets import Ticket, phase_rank, ticket_name

_FIELDS = ("severity", "category", "cause", "csat", "booking_ref", "contact_ref")
HOUR_MICROS = 3_600_000_000
REPEATED, REPEATED_DAYS = 3, 90
"""Complaints opened within so many days that make them repeated."""


class Complaint(NamedTuple):
    """A ticket as of a day; times are microseconds, None where it has not happened."""

    ticket: Ticket
    ref: str  # with its system
    name: str  # as people know it
    opened: int
    solved: int | None  # of the last solution, while it stands
    escalated: int | None
    reopened: int | None
    responded: int | None
    severity: int | None
    category: str | None
    cause: str | None
    csat: float | None
    events: tuple[EventRef, ...]

    @property
    def is_open(self) -> bool:
        """Return whether the last word on the ticket is not a solution."""
        return self.ticket.is_open

    @property
    def is_severe(self) -> bool:
        """Return whether the ticket has the worst severity."""
        return self.severity == 1

    @property
    def counts(self) -> bool:
        """Return whether it is a complaint or a claim: a request is neither."""
        return self.ticket.counts

    def breach(self, closure_hours: float) -> int:
        """Return the moment from which the ticket is beyond its closing time."""
        return self.opened + round(closure_hours * HOUR_MICROS)


class ComplaintBook(Book[tuple[Complaint, ...]]):
    """The tickets of a set of accounts, each account's by opening time."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts, "complaint", _fold, _rank)


def fold_complaints(facts: Facts, day: int) -> dict[int, tuple[Complaint, ...]]:
    """Return the tickets of every account that has some as of `day`."""
    book = ComplaintBook(facts)
    folded = {account: book.as_of(account, day) for account in book.accounts}
    return {account: tickets for account, tickets in folded.items() if tickets}


def _rank(fact: EvidenceFact) -> int:
    return phase_rank(fact.data)


def _fold(events: Sequence[EvidenceFact]) -> tuple[Complaint, ...]:
    tickets: dict[str, list[EvidenceFact]] = defaultdict(list)
    for event in events:
        tickets[event.ref].append(event)
    folded = [_ticket(ref, items) for ref, items in tickets.items()]
    return tuple(sorted(folded, key=lambda one: (one.opened, one.ref)))


def _ticket(ref: str, events: list[EvidenceFact]) -> Complaint:
    ticket = Ticket()
    state: dict[str, Any] = dict.fromkeys(_FIELDS)
    last: dict[str, int] = {}
    opened: int | None = None
    solved: int | None = None
    for event in events:
        phase = event.data.get("phase", "")
        last[phase] = event.time
        if phase == "opened" and opened is None:
            opened = event.time
        ticket = ticket.after(event.data)
        if ticket.is_open:
            solved = None
        elif phase == "solved":
            solved = event.time
        state.update({name: event.data[name] for name in _FIELDS if name in event.data})
    return Complaint(
        ticket=ticket,
        ref=ref,
        name=ticket_name(events[0].data, ref),
        opened=events[0].time if opened is None else opened,
        solved=solved,
        escalated=last.get("escalated"),
        reopened=last.get("reopened"),
        responded=last.get("responded"),
        severity=state["severity"],
        category=state["category"],
        cause=state["cause"],
        csat=state["csat"],
        events=tuple(event.event for event in events),
    )
