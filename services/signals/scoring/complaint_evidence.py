"""What complaints say of the risk."""

from __future__ import annotations

from services.signals.features.complaints import REPEATED, REPEATED_DAYS, Complaint
from services.signals.features.facts import DAY_MICROS, EventRef
from services.signals.scoring.evidence import Entry, age_in_days, entry
from services.signals.scoring.words import day_text

MINOR, MINOR_DAYS = 2, 60


def complaint_entries(
    tickets: tuple[Complaint, ...], day: int, closure_hours: float
) -> list[Entry]:
    """Return the evidence of an account's tickets as of `day`."""
    complaints = [ticket for ticket in tickets if ticket.counts]
    found = [
        *(_severe(one, day, closure_hours) for one in complaints),
        *(_escalated(one, day) for one in complaints),
        *(_resolved_well(one, day, closure_hours) for one in complaints),
        repeated_complaints(complaints, day),
        _minor(complaints, day),
    ]
    return [one for one in found if one is not None]


def open_beyond_sla(ticket: Complaint, day: int, closure_hours: float) -> bool:
    """Return whether a severe complaint is open beyond its closing time as of `day`."""
    late = ticket.breach(closure_hours) <= day * DAY_MICROS
    return ticket.counts and ticket.is_severe and ticket.is_open and late


def _severe(ticket: Complaint, day: int, closure_hours: float) -> Entry | None:
    if not ticket.is_severe:
        return None
    if open_beyond_sla(ticket, day, closure_hours):
        days = int(age_in_days(day, ticket.opened))
        text = f"Severe complaint {ticket.name} open for {days} days, agreed {closure_hours:g} h"
        return entry("severe_complaint_open", text, ticket.events)
    if ticket.solved is None or ticket.solved <= ticket.breach(closure_hours):
        return None
    text = f"Severe complaint {ticket.name} was solved late, on {_date(ticket.solved)}"
    age = age_in_days(day, ticket.solved)
    return entry("severe_complaint_open", text, ticket.events, age_days=age)


def repeated_complaints(complaints: list[Complaint], day: int) -> Entry | None:
    """Return the evidence of the last burst of 3 complaints opened within 90 days."""
    for last in range(len(complaints) - 1, REPEATED - 2, -1):
        end = complaints[last].opened
        burst = [
            one for one in complaints[: last + 1] if one.opened > end - REPEATED_DAYS * DAY_MICROS
        ]
        if len(burst) >= REPEATED:
            categories = {one.category for one in burst}
            same = len(categories) == 1 and None not in categories
            about = f" about {burst[0].category}" if same else ""
            text = f"{len(burst)} complaints{about} in 90 days, the last on {_date(end)}"
            events = _openings(burst)
            age = age_in_days(day, end)
            factor = 1.5 if same else 1.0
            return entry("repeated_complaints", text, events, age_days=age, factor=factor)
    return None


def _escalated(ticket: Complaint, day: int) -> Entry | None:
    unhappy = ticket.csat is not None and ticket.csat <= 2
    times = [time for time in (ticket.reopened, ticket.escalated) if time is not None]
    if not times and not unhappy:
        return None
    if ticket.reopened is not None:
        what = f"reopened on {_date(ticket.reopened)}"
    elif ticket.escalated is not None:
        what = f"escalated on {_date(ticket.escalated)}"
    else:
        what = f"closed with satisfaction {ticket.csat:g} of 5"
    age = 0.0
    if not ticket.is_open:
        age = age_in_days(day, max([*times, ticket.solved or 0]))
    text = f"Complaint {ticket.name} {what}"
    return entry("complaint_escalated", text, ticket.events, age_days=age)


def _minor(complaints: list[Complaint], day: int) -> Entry | None:
    papers = [
        one
        for one in complaints
        if one.category in {"documents", "billing"} and (one.severity or 4) >= 3
    ]
    for last in range(len(papers) - 1, MINOR - 2, -1):
        end = papers[last].opened
        pair = [one for one in papers[: last + 1] if one.opened > end - MINOR_DAYS * DAY_MICROS]
        if len(pair) >= MINOR:
            text = (
                f"{len(pair)} document or billing complaints in 60 days, the last on {_date(end)}"
            )
            return entry("minor_complaints", text, _openings(pair), age_days=age_in_days(day, end))
    return None


def _resolved_well(ticket: Complaint, day: int, closure_hours: float) -> Entry | None:
    pleased = ticket.csat is not None and ticket.csat >= 4
    if not (ticket.is_severe and pleased) or ticket.solved is None:
        return None
    if ticket.solved > ticket.breach(closure_hours):
        return None
    text = f"Severe complaint {ticket.name} solved in time, satisfaction {ticket.csat:g} of 5"
    age = age_in_days(day, ticket.solved)
    return entry("complaint_resolved_well", text, ticket.events, age_days=age)


def _openings(tickets: list[Complaint]) -> tuple[EventRef, ...]:
    return tuple(ticket.events[0] for ticket in tickets)


def _date(time: int) -> str:
    return day_text(time // DAY_MICROS)
