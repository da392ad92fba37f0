"""What new events change: in the sums of their booking, and which place in it they take.

A booking seen for the first time, by one event, is folded alone. One seen before is folded again
from all its events, and those whose changes became others are rewritten.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.ingest.decode import Fact, decode_payload
from services.ingest.entity import entity_ref
from services.ingest.fold import FOLDED, BookingEvent, Changes, fold_booking
from services.ingest.store.bulk import Bulk
from services.ingest.store.surrogates import Surrogates
from shared.domain.changes import pack_change
from shared.domain.event_types import EventType

_PRIOR = """
SELECT g.account_id, g.entity, e.seq, e.nth, e.time, e.source_id, e.event_id, e.type_id,
  CASE WHEN e.type_id IN (2, 6) THEN e.data END, e.changes
FROM given g JOIN event e ON e.account_id = g.account_id AND e.entity = g.entity
"""
_REWRITE = "UPDATE event SET changes = ? WHERE seq = ?"

Entity = tuple[int, int]  # account row id, entity hash
Anew = dict[int, tuple[Changes, bytes]]  # by seq: what a stored event changes, and the stored bytes


class Known(NamedTuple):
    """An event stored before, of an entity that a new event speaks of."""

    seq: int
    nth: int
    ref: str | None  # of a booking or milestone, with its event
    event: BookingEvent | None
    changes: bytes


@dataclass(slots=True)
class Placed:
    """What the new events of a batch add, one entry per event."""

    nth: list[int]  # how many events of the same entity are stored before it
    changes: list[bytes | None]  # packed; None when the sums stay
    rewritten: list[tuple[bytes | None, int]] = field(default_factory=list)  # changes, seq


class BookingFold:
    """Folds the bookings of one batch; the accounts' rows must be locked."""

    def __init__(self, bulk: Bulk, surrogates: Surrogates) -> None:
        self._bulk = bulk
        self._surrogates = surrogates

    def known(self, entities: Sequence[Entity]) -> dict[Entity, list[Known]]:
        """Return the stored events of these entities."""
        types = {"account_id": "bigint", "entity": "bigint"}
        found = self._bulk.match(_PRIOR, types, entities)
        self._surrogates.know_source_ids(self._bulk, {row[5] for row in found})
        known: dict[Entity, list[Known]] = defaultdict(list)
        for account, entity, seq, nth, time, source_id, event_id, type_id, data, changes in found:
            source = self._surrogates.source_uris[source_id]
            event, ref = None, None
            if data is not None:
                kind = EventType(type_id)
                event = BookingEvent(time, source, event_id, decode_payload(kind, bytes(data)))
                ref = entity_ref(kind, event.payload, source)
            known[account, entity].append(Known(seq, nth, ref, event, bytes(changes or b"")))
        return known

    def place(
        self,
        facts: Sequence[Fact],
        entities: Sequence[Entity],
        known: dict[Entity, list[Known]],
    ) -> Placed:
        """Return what each fact adds, given the stored events of its entity."""
        folds: list[Changes] = [()] * len(facts)
        nth = [0] * len(facts)
        again: Anew = {}
        shared = _shared(entities, known)
        groups: dict[Entity, list[int]] = {}
        for place, (fact, entity) in enumerate(zip(facts, entities, strict=True)):
            if shared and entity in shared:
                groups.setdefault(entity, []).append(place)
            else:
                folds[place] = fact.alone
        for entity, places in groups.items():
            before = known.get(entity, ())
            first = max((one.nth for one in before), default=-1) + 1
            for at, place in enumerate(places, first):
                nth[place] = at
            folded = [place for place in places if facts[place].type in FOLDED]
            for ref in {facts[place].ref for place in folded}:
                mine = [place for place in folded if facts[place].ref == ref]
                old, new = _folded(before, ref, [_event(facts[p]) for p in mine])
                again |= old
                for place, changes in zip(mine, new, strict=True):
                    folds[place] = changes
        return self._packed(folds, nth, again)

    def refold(self, known: dict[Entity, list[Known]]) -> Placed:
        """Return what is to be rewritten for the stored events alone to be right."""
        again: Anew = {}
        for events in known.values():
            for ref in {one.ref for one in events if one.ref is not None}:
                again |= _folded(events, ref, [])[0]
        return self._packed([], [], again)

    def rewrite(self, placed: Placed) -> None:
        """Store the changes of known events that a late one made others."""
        self._bulk.execute_many(_REWRITE, placed.rewritten)

    def _packed(self, folds: Sequence[Changes], nth: list[int], again: Anew) -> Placed:
        anew = (changes for changes, _ in again.values())
        keys = {change.series for changes in (*folds, *anew) for change in changes}
        series = self._surrogates.know_series(self._bulk, keys)

        def packed(changes: Changes) -> bytes:
            if len(changes) == 1:
                ((key, day, sums),) = changes
                return pack_change(series[key], day, sums)
            return b"".join(pack_change(series[key], day, sums) for key, day, sums in changes)

        rewritten = [
            (blob or None, seq)
            for seq, (changes, stored) in sorted(again.items())
            if (blob := packed(changes)) != stored
        ]
        return Placed(nth, [packed(c) if c else None for c in folds], rewritten)


def _folded(
    known: Iterable[Known], ref: str, new: Sequence[BookingEvent]
) -> tuple[Anew, list[Changes]]:
    """Fold one booking; return what its stored events and its new ones change."""
    old = [(one, one.event) for one in known if one.ref == ref and one.event is not None]
    folded = fold_booking([*(event for _, event in old), *new])
    again = {
        one.seq: (changes, one.changes)
        for (one, _), changes in zip(old, folded[: len(old)], strict=True)
    }
    return again, folded[len(old) :]


def _event(fact: Fact) -> BookingEvent:
    return BookingEvent(fact.time, fact.source, fact.id, fact.payload)


def _shared(entities: Sequence[Entity], known: Mapping[Entity, object]) -> set[Entity]:
    """Return the entities that more than one event speaks of, here or in the store."""
    shared = set(known)
    if len(set(entities)) < len(entities):
        shared |= {entity for entity, times in Counter(entities).items() if times > 1}
    return shared
