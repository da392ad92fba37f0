"""The event table: which events are known already, and the append of new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from services.ingest.batch import Outcome
from services.ingest.store.bulk import Bulk, Columns
from services.ingest.store.columns import FactColumns

EVENT = Columns(
    "event",
    {
        "source_id": "bigint", "event_id": "text", "type_id": "smallint", "account_id": "bigint",
        "entity": "bigint", "nth": "integer", "time": "bigint", "recorded_at": "bigint",
        "arrived_at": "bigint", "partition": "integer", "offset": "bigint", "data": "bytea",
        "changes": "bytea",
    },
)  # fmt: skip
_KNOWN = """
SELECT g.place, e.type_id, a.account_id, e.time, e.data FROM given g
JOIN event e ON e.source_id = g.source_id AND e.event_id = g.event_id
JOIN account a ON a.id = e.account_id
"""
_GIVEN = {"place": "integer", "source_id": "bigint", "event_id": "text"}

Name = tuple[int, str]  # source row id, event id


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


def judge(
    bulk: Bulk, facts: FactColumns, names: Sequence[Name], asked: Sequence[int]
) -> list[Outcome]:
    """Return, per fact, whether it is new, a duplicate, or a conflict with the first stored.

    `asked` are the places of the names to look for; the others count as not stored.
    """
    outcomes = [Outcome.APPLIED] * len(names)
    first: dict[Name, int] = {}
    repeats = [place for place, name in enumerate(names) if first.setdefault(name, place) != place]
    stored = {
        names[place]: Content(type_id, subject, time, bytes(data))
        for place, type_id, subject, time, data in bulk.match(
            _KNOWN, _GIVEN, [(place, *names[place]) for place in asked]
        )
    }
    for place in sorted({first[name] for name in stored} | set(repeats)):
        name = names[place]
        known = stored.get(name) or _content(facts, first[name])
        same = known.same_as(_content(facts, place))
        outcomes[place] = Outcome.DUPLICATE if same else Outcome.CONFLICT
    return outcomes


def _content(facts: FactColumns, place: int) -> Content:
    kind, subject = facts.types[place], facts.subjects[place]
    return Content(int(kind), subject, facts.times[place], facts.data[place])


def _parsed(data: bytes) -> object:
    try:
        return msgspec.json.decode(data)
    except msgspec.ValidationError:  # an unknown field may hold a number beyond any double
        return data
