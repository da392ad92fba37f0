"""Complaints and contacts of an account, folded from their events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from shared.domain.tickets import Ticket, phase_rank
from shared.store.tables import EvidenceRow, SourceRow

_CHANGES = ("joined", "left", "role_changed", "unreachable", "merged", "erased")
_KEPT = ("function", "influence", "is_primary", "no_contact", "successor_ref")


def open_complaints(connection: Connection, ids: list[int]) -> int:
    """Return how many complaints and claims are open as of their latest events, as in the score."""
    tickets: dict[str, Ticket] = defaultdict(Ticket)
    for ref, data in _folded(connection, ids, "complaint", phase_rank):
        tickets[ref] = tickets[ref].after(data)
    return sum(one.is_open and one.counts for one in tickets.values())


def contacts(connection: Connection, ids: list[int]) -> list[dict[str, Any]]:
    """Return the contacts by their pseudonyms; erased ones are gone."""
    known: dict[str, dict[str, Any]] = {}
    for ref, data in _folded(connection, ids, "contact_change", _change_rank):
        contact = known.setdefault(ref, {"contact_ref": data.get("contact_ref") or ref})
        contact["change"] = data.get("change")
        contact.update({name: data[name] for name in _KEPT if name in data})
    return [
        {name: contact.get(name) for name in ("contact_ref", "change", *_KEPT)}
        for _, contact in sorted(known.items())
        if contact["change"] not in {"erased", "merged"}
    ]


def _change_rank(data: dict[str, Any]) -> int:
    said = data.get("change")
    return _CHANGES.index(said) if said in _CHANGES else -1


def _folded(
    connection: Connection, ids: list[int], kind: str, rank: Callable[[dict[str, Any]], int]
) -> list[tuple[str, dict[str, Any]]]:
    """Return reference and payload of events in their order: time, rank, source, id."""
    row = EvidenceRow
    rows = connection.execute(
        select(row.ref, row.data, row.time, SourceRow.uri, row.event_id)
        .join(SourceRow, SourceRow.id == row.source_id)
        .where(row.account_id.in_(ids), row.kind == kind)
    ).all()

    def place(one: Any) -> tuple[Any, ...]:
        return one.time, rank(one.data), one.uri, one.event_id

    return [(one.ref, one.data) for one in sorted(rows, key=place)]
