"""The event table: which events are known already, and the append of new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from services.ingest.batch import Outcome, PlacedFact
from services.ingest.store.bulk import Bulk, Columns

EVENT = Columns(
    "event",
    {
        "source_id": "bigint", "event_id": "text", "type_id": "smallint", "account_id": "bigint",
        "entity": "bigint", "time": "bigint", "recorded_at": "bigint", "arrived_at": "bigint",
        "partition": "integer", "offset": "bigint", "data": "bytea",
    },
)  # fmt: skip
_KNOWN = """
SELECT g.place, e.type_id, a.account_id, e.time, e.data FROM given g
JOIN event e ON e.source_id = g.source_id AND e.event_id = g.event_id
JOIN account a ON a.id = e.account_id
"""


class Content(NamedTuple):
    """What must be equal for two events of one id to be the same."""

    type_id: int
    subject: str
    time: int
    data: bytes

    def same_as(self, other: Content) -> bool:
        """Compare; payloads by value, since a producer may write the same one in other bytes."""
        if self[:3] != other[:3]:
            return False
        return self.data == other.data or _parsed(self.data) == _parsed(other.data)


def judge(bulk: Bulk, facts: Sequence[PlacedFact], sources: dict[str, int]) -> list[Outcome]:
    """Return, per fact, whether it is new, a duplicate, or a conflict with the first stored."""
    outcomes = [Outcome.APPLIED] * len(facts)
    given = [(place, sources[f.fact.source], f.fact.id) for place, f in enumerate(facts)]
    types = {"place": "integer", "source_id": "bigint", "event_id": "text"}
    stored = {
        given[place][1:]: Content(type_id, subject, time, bytes(data))
        for place, type_id, subject, time, data in bulk.match(_KNOWN, types, given)
    }
    first: dict[tuple[int, str], int] = {}
    for place, source_id, event_id in given:
        name = (source_id, event_id)
        known = stored.get(name)
        if known is None:
            earlier = first.setdefault(name, place)
            if earlier == place:
                continue
            known = _content(facts[earlier])
        same = known.same_as(_content(facts[place]))
        outcomes[place] = Outcome.DUPLICATE if same else Outcome.CONFLICT
    return outcomes


def _content(placed: PlacedFact) -> Content:
    fact = placed.fact
    return Content(int(fact.type), fact.subject, fact.time, fact.data)


def _parsed(data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except msgspec.ValidationError:  # an unknown field may hold a number beyond any double
        return data
