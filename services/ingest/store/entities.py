"""What new events change: in the sums of their entity, and which place in it they take.

A booking (or a day of warehouse work) seen for the first time, by one event, is folded alone. One
seen before is folded again from all its events, and those whose changes became others are
rewritten.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from services.ingest.decode import decode_payload
from services.ingest.entity import entity_ref
from services.ingest.entity_changes import Changes, EntityEvent, SeriesKey
from services.ingest.fold import FOLDED, fold
from services.ingest.store.bulk import Bulk
from services.ingest.store.columns import FactColumns
from services.ingest.store.surrogates import Surrogates
from shared.domain.changes import pack_change, pack_series
from shared.domain.event_types import EventType

_FOLDED = ", ".join(str(int(kind)) for kind in sorted(FOLDED))
_PRIOR = f"""
SELECT g.account_id, g.entity, e.seq, e.nth, e.time, e.source_id, e.event_id, e.type_id,
  CASE WHEN e.type_id IN ({_FOLDED}) THEN e.data END, e.changes
FROM given g JOIN event e ON e.account_id = g.account_id AND e.entity = g.entity
"""
_REWRITE = "UPDATE event SET changes = ? WHERE seq = ?"

Entity = tuple[int, int]  # account row id, entity hash
Alone = tuple[SeriesKey | None, bytes | None]  # what a fact brings along: its series and `sums`
Anew = dict[int, tuple[Changes, bytes]]  # by seq: what a stored event changes, and the stored bytes


class Known(NamedTuple):
    """An event stored before, of an entity that a new event speaks of."""

    seq: int
    nth: int
    ref: str | None  # of what is folded, with its event
    event: EntityEvent | None
    changes: bytes


@dataclass(slots=True)
class Placed:
    """What the new events of a batch add, one entry per event."""

    nth: list[int]  # how many events of the same entity are stored before it
    changes: list[bytes | None]  # packed; None when the sums stay
    rewritten: list[tuple[bytes | None, int]] = field(default_factory=list)  # changes, seq


class EntityFold:
    """Folds the entities of one batch; the accounts' rows must be locked."""

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
                event = EntityEvent(time, source, event_id, decode_payload(kind, bytes(data)))
                ref = entity_ref(kind, event.payload, source)
            known[account, entity].append(Known(seq, nth, ref, event, bytes(changes or b"")))
        return known

    def place(
        self,
        facts: FactColumns,
        entities: Sequence[Entity],
        known: dict[Entity, list[Known]],
    ) -> Placed:
        """Return what each fact adds, given the stored events of its entity."""
        nth = [0] * len(entities)
        folds: dict[int, Changes] = {}
        again: Anew = {}
        for entity, places in _groups(entities, known).items():
            before = known.get(entity, ())
            first = max((one.nth for one in before), default=-1) + 1
            for at, place in enumerate(places, first):
                nth[place] = at
            of_ref: dict[str, dict[int, EntityEvent]] = {}
            for place in places:
                if facts.types[place] in FOLDED:
                    ref, event = _event(facts, place)
                    of_ref.setdefault(ref, {})[place] = event
            for ref, events in of_ref.items():
                old, new = _folded(before, ref, list(events.values()))
                again |= old
                folds |= dict(zip(events, new, strict=True))
        alone = list(zip(facts.series, facts.sums, strict=True))
        return self._packed(nth, alone, folds, again)

    def refold(self, known: dict[Entity, list[Known]]) -> Placed:
        """Return what is to be rewritten for the stored events alone to be right."""
        again: Anew = {}
        for events in known.values():
            for ref in {one.ref for one in events if one.ref is not None}:
                again |= _folded(events, ref, [])[0]
        return self._packed([], [], {}, again)

    def rewrite(self, placed: Placed) -> None:
        """Store the changes of known events that a late one made others."""
        self._bulk.execute_many(_REWRITE, placed.rewritten)

    def _packed(
        self, nth: list[int], alone: list[Alone], folds: Mapping[int, Changes], again: Anew
    ) -> Placed:
        """Pack what each event changes alone or, at the places of `folds`, beside others."""
        for place in folds:
            alone[place] = None, None
        folded = (*folds.values(), *(changes for changes, _ in again.values()))
        keys = {change.series for changes in folded for change in changes}
        keys.update(key for key in {key for key, _ in alone} if key is not None)
        series = self._surrogates.know_series(self._bulk, keys)
        begun = {key: pack_series(series_id) for key, series_id in series.items()}

        def packed(changes: Changes) -> bytes:
            return b"".join(pack_change(series[key], day, sums) for key, day, sums in changes)

        beside = [None if key is None or sums is None else begun[key] + sums for key, sums in alone]
        for place, changes in folds.items():
            beside[place] = packed(changes) or None
        rewritten = [
            (blob or None, seq)
            for seq, (changes, stored) in sorted(again.items())
            if (blob := packed(changes)) != stored
        ]
        return Placed(nth, beside, rewritten)


def _folded(
    known: Iterable[Known], ref: str, new: Sequence[EntityEvent]
) -> tuple[Anew, list[Changes]]:
    """Fold one entity; return what its stored events and its new ones change."""
    old = [(one, one.event) for one in known if one.ref == ref and one.event is not None]
    folded = fold([*(event for _, event in old), *new])
    again = {
        one.seq: (changes, one.changes)
        for (one, _), changes in zip(old, folded[: len(old)], strict=True)
    }
    return again, folded[len(old) :]


def _event(facts: FactColumns, place: int) -> tuple[str, EntityEvent]:
    """Return the reference of what the fact speaks of, and the fact as its event."""
    kind, source = facts.types[place], facts.sources[place]
    payload = decode_payload(kind, facts.data[place])
    event = EntityEvent(facts.times[place], source, facts.ids[place], payload)
    return entity_ref(kind, payload, source), event


def _groups(entities: Sequence[Entity], known: Mapping[Entity, object]) -> dict[Entity, list[int]]:
    """Return the places of those entities that more than one event speaks of, here or stored."""
    shared = set(known)
    if len(set(entities)) < len(entities):
        shared |= {entity for entity, times in Counter(entities).items() if times > 1}
    groups: dict[Entity, list[int]] = {}
    if shared:
        for place, entity in enumerate(entities):
            if entity in shared:
                groups.setdefault(entity, []).append(place)
    return groups
