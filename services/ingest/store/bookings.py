"""Booking and milestone events to changes of `booking_day`.

A booking seen for the first time, by one event, adds its rows. One seen before is folded again
from all its events, and the difference to what they added so far is stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from operator import add, neg

from services.ingest.decode import Fact, decode_payload
from services.ingest.entity import entity_hash, entity_ref
from services.ingest.fold import SUMS, BookingEvent, DayRow, SeriesKey, Sums, fold_booking
from services.ingest.store.bulk import Bulk, Columns, Merge
from services.ingest.store.surrogates import Surrogates
from shared.domain.event_types import EventType

BOOKING_TYPES = (EventType.BOOKING, EventType.MILESTONE)

_DAY_TYPES = {
    "account_id": "bigint", "series_id": "bigint", "day": "integer", "effect_day": "integer",
    **dict.fromkeys(SUMS, "bigint"), "event_id": "text",
}  # fmt: skip
_DAY = Merge(
    Columns("booking_day", _DAY_TYPES),
    ("account_id", "series_id", "day", "effect_day"),
    {
        **dict.fromkeys(SUMS, "old + new"),
        "event_id": "CASE WHEN old = '' THEN new WHEN new = '' THEN old ELSE LEAST(old, new) END",
    },
)
_PRIOR = """
SELECT g.account_id, g.entity, e.time, e.source_id, e.event_id, e.type_id, e.data FROM given g
JOIN event e ON e.account_id = g.account_id AND e.entity = g.entity
WHERE e.type_id IN (2, 6)
"""

Entity = tuple[int, int]  # account row id, entity hash
Change = tuple[int, SeriesKey, int, int]


class BookingChanges:
    """The bookings of one batch; add the new events, then `store` the difference they make."""

    def __init__(self, surrogates: Surrogates) -> None:
        self._surrogates = surrogates
        self._new: dict[Entity, list[tuple[str, BookingEvent]]] = defaultdict(list)

    def add(self, fact: Fact, account: int, entity: int, ref: str) -> None:
        """Take up a new booking or milestone event."""
        event = BookingEvent(fact.time, fact.source, fact.id, fact.payload)
        self._new[account, entity].append((ref, event))

    def store(self, bulk: Bulk) -> None:
        """Merge the changes. The accounts' rows must be locked: two folds must not race."""
        if not self._new:
            return
        prior = self._prior(bulk)
        changes: dict[Change, tuple[Sums, str]] = {}
        for entity, added in self._new.items():
            if len(added) == 1 and entity not in prior:
                _sum_up(changes, entity[0], fold_booking((added[0][1],)), 1)
                continue
            for ref in {ref for ref, _ in added}:
                new = [event for known, event in added if known == ref]
                old = [event for known, event in prior.get(entity, ()) if known == ref]
                _sum_up(changes, entity[0], fold_booking(old + new), 1)
                if old:
                    _sum_up(changes, entity[0], fold_booking(old), -1)
        series = self._surrogates.know_series(bulk, {key[1] for key in changes})
        rows = [
            (account, series[key], day, effect_day, *sums, event_id)
            for (account, key, day, effect_day), (sums, event_id) in changes.items()
            if any(sums)
        ]
        bulk.merge(_DAY, rows)

    def _prior(self, bulk: Bulk) -> dict[Entity, list[tuple[str, BookingEvent]]]:
        found = bulk.match(_PRIOR, {"account_id": "bigint", "entity": "bigint"}, list(self._new))
        self._surrogates.know_source_ids(bulk, {row[3] for row in found})
        prior: dict[Entity, list[tuple[str, BookingEvent]]] = defaultdict(list)
        for account, entity, time, source_id, event_id, type_id, data in found:
            kind = EventType(type_id)
            payload = decode_payload(kind, bytes(data))
            source = self._surrogates.source_uris[source_id]
            ref = entity_ref(kind, payload, source)
            event = BookingEvent(time, source, event_id, payload)
            prior[account, entity].append((ref, event))
        return prior


def entity_of(fact: Fact) -> tuple[str, int]:
    """Return the reference of what the fact speaks of, and its hash."""
    ref = entity_ref(fact.type, fact.payload, fact.source)
    return ref, entity_hash(fact.type, ref)


def _sum_up(
    changes: dict[Change, tuple[Sums, str]], account: int, rows: Iterable[DayRow], sign: int
) -> None:
    for series, day, effect_day, sums, event_id in rows:
        key = (account, series, day, effect_day)
        change = sums if sign > 0 else tuple(map(neg, sums))
        known = changes.get(key)
        if known is not None:
            change = tuple(map(add, known[0], change))
            event_id = _least(known[1], event_id)  # noqa: PLW2901 (the least of both stays)
        changes[key] = change, event_id


def _least(one: str, other: str) -> str:
    """Return the lesser id; an empty one is none."""
    return min(one, other) if one and other else one or other
