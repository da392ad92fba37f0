"""Contacts: the changes of a person folded into what is true of them as of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from services.signals.features.book import Book
from services.signals.features.facts import EventRef, EvidenceFact, Facts

CHANGES = ("joined", "left", "role_changed", "unreachable", "merged", "erased")
_ORDER = {change: at for at, change in enumerate(CHANGES)}
_FIELDS = ("function", "influence", "is_primary", "no_contact", "successor_ref")
_GONE = {"left", "unreachable"}
_ACTIVE = {"joined", "role_changed"}
PATRONS = ("sponsor", "champion")


class Contact(NamedTuple):
    """A person at the customer as of a day; times are microseconds."""

    ref: str
    since: int  # first event
    gone: int | None  # left or unreachable, while it stands
    change: str  # the latest of CHANGES
    changed: int  # its time
    ever_active: bool  # known to have been there: joined or role_changed
    function: str | None
    influence: str | None
    is_primary: bool
    successor_ref: str | None
    event: EventRef  # of the latest change
    successor: int | None = None  # when a successor was named
    left: int | None = None  # when the person left, while it stands

    @property
    def is_active(self) -> bool:
        """Return whether the person is there, as far as it is known."""
        return self.gone is None and self.change not in {"merged", "erased"}

    @property
    def is_patron(self) -> bool:
        """Return whether the person is a sponsor or a champion."""
        return self.influence in PATRONS


class ContactBook(Book[tuple[Contact, ...]]):
    """The contacts of a set of accounts, each account's by reference."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts, "contact_change", _fold, _rank)


def fold_contacts(facts: Facts, day: int) -> dict[int, tuple[Contact, ...]]:
    """Return the contacts of every account that has some as of `day`."""
    book = ContactBook(facts)
    folded = {account: book.as_of(account, day) for account in book.accounts}
    return {account: contacts for account, contacts in folded.items() if contacts}


def _rank(fact: EvidenceFact) -> int:
    return _ORDER.get(fact.data.get("change", ""), len(CHANGES))


def _fold(events: Sequence[EvidenceFact]) -> tuple[Contact, ...]:
    people: dict[str, list[EvidenceFact]] = defaultdict(list)
    for event in events:
        people[event.ref].append(event)
    folded = [_contact(ref, items) for ref, items in sorted(people.items())]
    return tuple(one._replace(successor=_successor(one, folded, people[one.ref])) for one in folded)


def _contact(ref: str, events: list[EvidenceFact]) -> Contact:
    state: dict[str, Any] = dict.fromkeys(_FIELDS)
    gone: int | None = None
    left: int | None = None
    for event in events:
        change = event.data.get("change", "")
        if change in _GONE:
            gone = event.time if gone is None or change == "left" else gone
            left = event.time if change == "left" else left
        elif change in _ACTIVE:
            gone = left = None
        state.update({name: event.data[name] for name in _FIELDS if name in event.data})
    return Contact(
        ref=ref,
        since=events[0].time,
        gone=gone,
        change=events[-1].data.get("change", ""),
        changed=events[-1].time,
        ever_active=any(event.data.get("change") in _ACTIVE for event in events),
        function=state["function"],
        influence=state["influence"],
        is_primary=bool(state["is_primary"]),
        successor_ref=state["successor_ref"],
        event=events[-1].event,
        left=left,
    )


def _successor(one: Contact, everyone: list[Contact], events: list[EvidenceFact]) -> int | None:
    """Return when a successor was named, or somebody took the same part, since `one` went."""
    if one.gone is None:
        return None
    named = [
        event.time for event in events if event.time >= one.gone and event.data.get("successor_ref")
    ]
    took_over = [
        other.changed
        for other in everyone
        if other.ref != one.ref
        and other.is_active
        and other.changed >= one.gone
        and other.change in _ACTIVE
        and other.is_patron
        and other.influence == one.influence
    ]
    return min(named + took_over, default=None)
