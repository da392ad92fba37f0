"""What changes of people say of the risk."""

from __future__ import annotations

from services.signals.features.contacts import Contact
from services.signals.features.facts import DAY_MICROS
from services.signals.features.masters import Master
from services.signals.scoring.evidence import Entry, age_in_days, entry
from services.signals.scoring.words import day_text

_BUYERS = {"procurement", "logistics"}
_STANDING_DAYS = 366


def people_entries(contacts: tuple[Contact, ...], master: Master, day: int) -> list[Entry]:
    """Return the evidence of an account's people, and of ours, as of `day`."""
    found = [
        *(_patron_left(one, day) for one in contacts),
        *(_new_head(one, contacts, day) for one in contacts),
        _only_contact_left(contacts, day),
        _single_contact(contacts, day),
        _many_functions(contacts),
        _kam_changed(master, day),
    ]
    return [one for one in found if one is not None]


def _patron_left(one: Contact, day: int) -> Entry | None:
    if one.gone is None or not one.is_patron or one.successor is not None:
        return None
    what = "is unreachable since" if one.change == "unreachable" else "left on"
    text = f"The {one.influence} {what} {_date(one.gone)}; no successor is named"
    age = age_in_days(day, one.gone)
    return entry("stakeholder_left", text, (one.event,), age_days=age)


def _only_contact_left(contacts: tuple[Contact, ...], day: int) -> Entry | None:
    gone = [one for one in contacts if one.gone is not None and one.ever_active]
    if not gone or any(one.is_active for one in contacts):
        return None
    last = max(gone, key=lambda one: (one.gone or 0, one.ref))
    if last.successor is not None:
        return None
    text = f"The only known contact is gone since {_date(last.gone or 0)}"
    age = age_in_days(day, last.gone or 0)
    return entry("only_contact_left", text, (last.event,), age_days=age)


def _new_head(one: Contact, contacts: tuple[Contact, ...], day: int) -> Entry | None:
    """Return a new head of purchasing or logistics; the first contacts ever known are not new."""
    begins = min(other.since for other in contacts)
    heads = one.influence == "decides" or one.is_primary
    fresh = one.change in {"joined", "role_changed"} and one.changed > begins
    if not (one.is_active and fresh and heads and one.function in _BUYERS):
        return None
    text = f"New head of {one.function} since {_date(one.changed)}"
    age = age_in_days(day, one.changed)
    return entry("new_head_of_buying", text, (one.event,), age_days=age)


def _single_contact(contacts: tuple[Contact, ...], day: int) -> Entry | None:
    """Return that all hangs on one person, where one alone has been known for a year."""
    known = [one for one in contacts if one.change not in {"merged", "erased"}]
    if len(known) != 1 or not known[0].is_active:
        return None
    if age_in_days(day, known[0].since) < _STANDING_DAYS:
        return None
    text = f"One contact only since {_date(known[0].since)}"
    return entry("single_contact", text, (known[0].event,))


def _many_functions(contacts: tuple[Contact, ...]) -> Entry | None:
    active = [one for one in contacts if one.is_active and one.function not in {None, "other"}]
    functions = sorted({str(one.function) for one in active})
    if len(functions) < 3:
        return None
    text = f"Contacts in {len(functions)} functions ({', '.join(functions)})"
    return entry("many_functions", text, tuple(one.event for one in active))


def _kam_changed(master: Master, day: int) -> Entry | None:
    if master.kam_changed is None or master.kam_event is None:
        return None
    text = f"Our key account manager changed on {_date(master.kam_changed)}"
    age = age_in_days(day, master.kam_changed)
    return entry("kam_changed", text, (master.kam_event,), age_days=age)


def _date(time: int) -> str:
    return day_text(time // DAY_MICROS)
