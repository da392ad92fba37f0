"""People at the customer who went: those who decide or speak for us."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from services.signals.alerting.detectors.spells import Spell
from services.signals.features.contacts import CHANGES, PATRONS
from services.signals.features.facts import DAY_MICROS, EvidenceFact, Facts
from services.signals.scoring.words import day_text

ASKED_DAYS = 90
"""How long a departure that nobody filled is worth an alert."""
HANDOVER_DAYS = 14
"""How long one that was filled is: the successor must be met."""
_ORDER = {change: at for at, change in enumerate(CHANGES)}
_KEPT = ("function", "influence", "is_primary", "successor_ref")
_ARRIVALS = ("joined", "role_changed")
_BACK = {"joined", "merged", "erased"}


def stakeholder_spells(facts: Facts) -> Iterator[Spell]:
    """Yield a spell for each departure, silence or change of role that matters."""
    people: dict[int, dict[str, list[EvidenceFact]]] = defaultdict(lambda: defaultdict(list))
    for fact in facts.evidence:
        if fact.kind == "contact_change":
            people[fact.account][fact.ref].append(fact)
    for account, contacts in sorted(people.items()):
        for events in contacts.values():
            events.sort(key=_order)
        arrivals = _arrivals(contacts)
        for ref, events in sorted(contacts.items()):
            yield from _person(account, ref, events, arrivals)


def _arrivals(contacts: dict[str, list[EvidenceFact]]) -> list[tuple[int, str, str]]:
    """Return (time, contact, influence) of everybody who took a part, by time."""
    found = []
    for ref, events in contacts.items():
        influence: str | None = None
        for event in events:
            influence = event.data.get("influence", influence)
            if event.data.get("change") in _ARRIVALS and influence is not None:
                found.append((event.time, ref, influence))
    return sorted(found)


def _person(
    account: int, ref: str, events: list[EvidenceFact], arrivals: list[tuple[int, str, str]]
) -> Iterator[Spell]:
    state: dict[str, Any] = {}
    for at, event in enumerate(events):
        before = state
        given = {name: event.data[name] for name in _KEPT if name in event.data}
        state = {**before, **given}
        reason = _reason(event.data.get("change"), before, state)
        if reason is None:
            continue
        influence = before.get("influence") or state.get("influence")
        end = event.time + ASKED_DAYS * DAY_MICROS
        replaced = _replaced(ref, event.time, events[at:], influence, arrivals)
        if replaced is not None:
            end = min(end, max(replaced, event.time + HANDOVER_DAYS * DAY_MICROS))
        back = [one.time for one in events[at + 1 :] if _ends(one, reason)]
        yield Spell(
            account,
            "stakeholder",
            reason,
            "contact",
            ref,
            _text(reason, before, state, event.time),
            (event.event,),
            event.time,
            min([end, *back]),
            at_once=reason == "stakeholder_left",
        )


def _reason(change: object, before: dict[str, Any], state: dict[str, Any]) -> str | None:
    patron = before.get("influence") in PATRONS or state.get("influence") in PATRONS
    if change == "left":
        matters = patron or state.get("influence") == "decides" or bool(state.get("is_primary"))
        return "stakeholder_left" if matters else None
    if change == "unreachable":
        return "stakeholder_unreachable" if patron else None
    if change == "role_changed" and before.get("influence") in PATRONS:
        moved = any(before.get(one) != state.get(one) for one in ("influence", "function"))
        return "stakeholder_role_changed" if moved else None
    return None


def _replaced(
    ref: str,
    gone: int,
    events: list[EvidenceFact],
    influence: str | None,
    arrivals: list[tuple[int, str, str]],
) -> int | None:
    """Return when a successor was named or somebody else took the same part, if ever."""
    named = [one.time for one in events if one.data.get("successor_ref")]
    took = [at for at, who, what in arrivals if at >= gone and who != ref and what == influence]
    return min([*named[:1], *took[:1]], default=None)


def _ends(event: EvidenceFact, reason: str) -> bool:
    """Return whether a later event of the same person ends the spell."""
    change = event.data.get("change")
    if reason != "stakeholder_left" and change == "left":
        return True
    returned = change == "role_changed" and reason != "stakeholder_role_changed"
    return returned or change in _BACK


def _text(reason: str, before: dict[str, Any], state: dict[str, Any], time: int) -> str:
    influence = before.get("influence") or state.get("influence")
    role = influence if influence in PATRONS else None
    role = role or ("decision maker" if influence == "decides" else "primary contact")
    function = before.get("function") or state.get("function")
    who = f"{role} ({function})" if function else str(role)
    did = {
        "stakeholder_left": "left",
        "stakeholder_unreachable": "could not be reached",
        "stakeholder_role_changed": "changed role",
    }[reason]
    return f"The {who} {did} on {day_text(time // DAY_MICROS)}"


def _order(fact: EvidenceFact) -> tuple[int, int, str, str]:
    change = _ORDER.get(str(fact.data.get("change")), len(CHANGES))
    return fact.time, change, fact.event.source, fact.event.id
