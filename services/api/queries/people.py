"""Complaints and contacts of an account, folded from their events."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from shared.store.tables import EvidenceRow, SourceRow

_PHASES = ("opened", "updated", "responded", "escalated", "solved", "reopened")
_CHANGES = ("joined", "left", "role_changed", "unreachable", "merged", "erased")
_KEPT = ("function", "influence", "is_primary", "no_contact", "successor_ref")


def open_complaints(connection: Connection, ids: list[int]) -> int:
    """Return how many tickets are not solved as of their latest events."""
    phase: dict[str, str] = {}
    for ref, data in _folded(connection, ids, "complaint", "phase", _PHASES):
        said = data.get("phase")
        if said in {"opened", "escalated", "solved", "reopened"} or ref not in phase:
            phase[ref] = str(said)
    return sum(said != "solved" for said in phase.values())


def contacts(connection: Connection, ids: list[int]) -> list[dict[str, Any]]:
    """Return the contacts by their pseudonyms; erased ones are gone."""
    known: dict[str, dict[str, Any]] = {}
    for ref, data in _folded(connection, ids, "contact_change", "change", _CHANGES):
        contact = known.setdefault(ref, {"contact_ref": data.get("contact_ref") or ref})
        contact["change"] = data.get("change")
        contact.update({name: data[name] for name in _KEPT if name in data})
    return [
        {name: contact.get(name) for name in ("contact_ref", "change", *_KEPT)}
        for _, contact in sorted(known.items())
        if contact["change"] not in {"erased", "merged"}
    ]


def _folded(
    connection: Connection, ids: list[int], kind: str, field: str, order: tuple[str, ...]
) -> list[tuple[str, dict[str, Any]]]:
    """Return reference and payload of events in their order: time, phase, source, id."""
    row = EvidenceRow
    rows = connection.execute(
        select(row.ref, row.data, row.time, SourceRow.uri, row.event_id)
        .join(SourceRow, SourceRow.id == row.source_id)
        .where(row.account_id.in_(ids), row.kind == kind)
    ).all()

    def place(one: Any) -> tuple[Any, ...]:
        said = one.data.get(field)
        return one.time, order.index(said) if said in order else -1, one.uri, one.event_id

    return [(one.ref, one.data) for one in sorted(rows, key=place)]
