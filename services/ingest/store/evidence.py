"""Complaints, contact changes and account master data: few events, kept small and decoded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select, update

from services.ingest.batch import PlacedFact
from services.ingest.entity import entity_ref
from services.ingest.store.surrogates import Surrogates
from shared.domain.event_types import EventType
from shared.domain.texts import name_of
from shared.store.base import from_micros
from shared.store.tables import AccountRow, EvidenceRow, SourceRow

EVIDENCE_TYPES = (EventType.ACCOUNT, EventType.COMPLAINT, EventType.CONTACT_CHANGE)
PLAIN = (
    "name", "tier", "segment", "currency", "renewal_date", "time_zone", "language", "calendar",
    "parent", "kind", "status", "hold_reason", "merged_into", "team", "sla", "external_ids",
)  # fmt: skip
_IN_ORDER = itemgetter(0, 1, 2)
"""As every fold has them: PostgreSQL would order texts as its locale does."""


def store_evidence(
    connection: Connection, facts: Sequence[PlacedFact], surrogates: Surrogates
) -> None:
    """Append the evidence among new facts; fold the master data of accounts that changed."""
    evidence = [f.fact for f in facts if f.fact.type in EVIDENCE_TYPES]
    if not evidence:
        return
    connection.execute(
        insert(EvidenceRow),
        [
            {
                "account_id": surrogates.accounts[fact.subject],
                "kind": fact.type.noun,
                "ref": entity_ref(fact.type, fact.payload, fact.source),
                "time": from_micros(fact.time),
                "recorded_at": from_micros(fact.recorded),
                "source_id": surrogates.sources[fact.source],
                "event_id": fact.id,
                "data": msgspec.json.decode(fact.data),
            }
            for fact in evidence
        ],
    )
    masters = {fact.subject for fact in evidence if fact.type is EventType.ACCOUNT}
    _fold_masters(connection, sorted(surrogates.accounts[subject] for subject in masters))


def _fold_masters(connection: Connection, accounts: Sequence[int]) -> None:
    """Give each account the latest value of each field, whatever order they arrived in."""
    if not accounts:
        return
    rows = connection.execute(
        select(
            EvidenceRow.time, SourceRow.uri, EvidenceRow.event_id, EvidenceRow.account_id,
            EvidenceRow.data,
        )
        .join(SourceRow, SourceRow.id == EvidenceRow.source_id)
        .where(EvidenceRow.account_id.in_(accounts), EvidenceRow.kind == EventType.ACCOUNT.noun)
    )  # fmt: skip
    masters: dict[int, dict[str, Any]] = defaultdict(dict)
    for *_, account, data in sorted(rows, key=_IN_ORDER):
        masters[account].update(data)
    for account, data in masters.items():
        connection.execute(
            update(AccountRow).where(AccountRow.id == account).values(**_columns(data))
        )


def _columns(data: dict[str, Any]) -> dict[str, Any]:
    columns = {name: data.get(name) for name in PLAIN}
    columns["name"] = name_of(columns["name"])
    if columns["tier"] is not None:
        columns["tier"] = str(columns["tier"])
    kam, manager = _person(data.get("kam")), _person(data.get("manager"))
    margin = data.get("annual_margin")
    amount = margin.get("amount") if isinstance(margin, dict) else margin
    if isinstance(margin, dict):  # a margin keeps the currency that it was sent with
        columns["currency"] = margin.get("currency")
    return columns | {
        "kam_id": kam.get("id"),
        "kam_name": name_of(kam.get("name")),
        "manager_id": manager.get("id"),
        "manager_name": name_of(manager.get("name")),
        "annual_margin": None if amount is None else str(amount),
    }


def _person(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    return {"id": value, "name": None} if isinstance(value, str) else {}
