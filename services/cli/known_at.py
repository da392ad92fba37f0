"""What was known of accounts at a moment: their facts folded again from the raw events.

The stored sums are those of today: a late event may have changed what an earlier one amounts to.
So the bookings are folded anew from the events that had arrived, off the hot path.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from services.ingest.decode import decode_payload
from services.ingest.entity import entity_ref
from services.ingest.entity_changes import EntityEvent, SeriesKey
from services.ingest.fold import FOLDED, fold
from services.signals.features.facts import (
    DAY_MICROS,
    SERVICE,
    SUMS,
    EventRef,
    EvidenceFact,
    Facts,
    Feed,
    Series,
)
from services.signals.features.history import DemandDays
from services.signals.scoring.population import PopulationFit, PopulationPast, fit_day
from services.signals.store.accounts import known_accounts
from services.signals.store.facts import merged_at
from services.signals.store.feeds import load_feeds
from services.signals.store.merges import Targets, merge_targets, places_of
from shared.domain.changes import DEMAND
from shared.domain.event_types import EventType
from shared.store.base import from_micros, to_micros
from shared.store.tables import AccountRow, EventRow, EvidenceRow, SourceRow

HOUR_MICROS = 3_600_000_000
BLOCK = 500
"""Accounts whose events are read at once."""
_FOLDED = sorted(map(int, FOLDED))
_SERVICE = [SUMS.index(name) for name in SERVICE]

RowKey = tuple[int, int, int, SeriesKey]  # account, day, effect day, series: as Facts are ordered
Place = Mapping[int, int]  # row ids of accounts, merged ones among them, to their place


def facts_known_at(
    connection: Connection,
    accounts: Sequence[int],
    until_day: int,
    known: datetime,
    feeds: Sequence[Feed] | None = None,
    into: Targets | None = None,
) -> Facts:
    """Return the facts of the accounts before `until_day` that had arrived by `known`.

    `into` are merges as known then, read a moment ago; read again when None.
    """
    into = merge_targets(connection, until_day, known) if into is None else into
    place = places_of(accounts, into)
    own = {key: at for at, key in enumerate(accounts)}
    evidence = _evidence(connection, place, own, until_day, known)
    rows = _rows(_events(connection, place, until_day, known))
    keys = sorted(rows)
    series = {key: at for at, key in enumerate(sorted({key[-1] for key in keys}), start=1)}
    sums = np.array([rows[key].sums for key in keys], dtype=np.int64).reshape(len(keys), len(SUMS))
    served = np.full(len(keys), None, dtype=np.object_)
    served[:] = [rows[key].served for key in keys]
    named = select(AccountRow.id, AccountRow.account_id).where(AccountRow.id.in_(accounts))
    names = {row.id: row.account_id for row in connection.execute(named)}
    return Facts(
        account_ids=tuple(names[account] for account in accounts),
        account=np.array([key[0] for key in keys], dtype=np.int64),
        series_id=np.array([series[key[-1]] for key in keys], dtype=np.int64),
        day=np.array([key[1] for key in keys], dtype=np.int64),
        effect_day=np.array([key[2] for key in keys], dtype=np.int64),
        sums=dict(zip(SUMS, sums.T, strict=True)),
        event_ids=np.array([rows[key].booked for key in keys], dtype=np.object_),
        service_events=served,
        series={at: _series(key) for key, at in series.items()},
        evidence=evidence,
        feeds=_feeds(connection, known) if feeds is None else tuple(feeds),
        merged=merged_at(place, own, evidence),
    )


def fit_known_at(connection: Connection, day: int, known: datetime) -> PopulationFit:
    """Return the population's fit for the scores as of `day` from what had arrived by `known`."""
    past = PopulationPast(fit_day(day))
    into = merge_targets(connection, past.from_day, known)
    ids = [one.id for one in known_accounts(connection)]
    for at in range(0, len(ids), BLOCK):
        block = ids[at : at + BLOCK]
        facts = facts_known_at(connection, block, past.from_day, known, feeds=(), into=into)
        past.add(block, DemandDays(facts))
    return past.fit()


def _events(
    connection: Connection, place: Place, until_day: int, known: datetime
) -> dict[tuple[int, str], list[EntityEvent]]:
    """Return the events of each booking and day of work that had arrived."""
    event = EventRow
    found: dict[tuple[int, str], list[EntityEvent]] = defaultdict(list)
    for row in connection.execute(
        select(
            event.account_id, event.type_id, event.time, event.event_id, event.data, SourceRow.uri
        )
        .join(SourceRow, SourceRow.id == event.source_id)
        .where(
            event.account_id.in_(list(place)),
            event.type_id.in_(_FOLDED),
            event.time < from_micros(until_day * DAY_MICROS),
            event.recorded_at <= known,
        )
    ):
        kind = EventType(row.type_id)
        payload = decode_payload(kind, bytes(row.data))
        ref = entity_ref(kind, payload, row.uri)
        one = EntityEvent(to_micros(row.time), row.uri, row.event_id, payload)
        found[place[row.account_id], ref].append(one)
    return found


@dataclass(slots=True)
class _Row:
    """A row of Facts: its sums, and the least of the events that it names."""

    sums: list[int] = field(default_factory=lambda: [0] * len(SUMS))
    booked: str = ""  # id of an event that changed the demand
    served: EventRef | None = None  # an event that added to the service record

    def add(self, event: EntityEvent, sums: Sequence[int]) -> None:
        """Add what an event changed."""
        self.sums = [one + other for one, other in zip(self.sums, sums, strict=True)]
        if sums[DEMAND]:
            self.booked = min(event.id, self.booked or event.id)
        if any(sums[at] > 0 for at in _SERVICE):
            ref = EventRef(event.source, event.id)
            self.served = min(ref, self.served or ref)


def _rows(bookings: dict[Any, list[EntityEvent]]) -> dict[RowKey, _Row]:
    """Return the rows of Facts by their keys."""
    rows: dict[RowKey, _Row] = defaultdict(_Row)
    for (account, _), events in bookings.items():
        for event, changes in zip(events, fold(events), strict=True):
            for key, day, sums in changes:
                rows[account, day, event.time // DAY_MICROS, key].add(event, sums)
    return rows


def _evidence(
    connection: Connection, place: Place, own: Place, until_day: int, known: datetime
) -> tuple[EvidenceFact, ...]:
    row = EvidenceRow
    rows = connection.execute(
        select(row.account_id, row.kind, row.ref, row.time, row.event_id, row.data, SourceRow.uri)
        .join(SourceRow, SourceRow.id == row.source_id)
        .where(
            row.account_id.in_([*place, *own]),
            row.time < from_micros(until_day * DAY_MICROS),
            row.recorded_at <= known,
        )
    )
    found = [
        EvidenceFact(at, kind, ref, to_micros(time), EventRef(uri, event_id), data)
        for account, kind, ref, time, event_id, data, uri in rows
        if (at := (own if kind == "account" else place).get(account)) is not None
    ]
    return tuple(sorted(found, key=lambda fact: (fact.account, fact.time, fact.event)))


def _feeds(connection: Connection, known: datetime) -> tuple[Feed, ...]:
    """Return the feeds without what they sent of later hours."""
    last = to_micros(known) // HOUR_MICROS
    return tuple(
        replace(feed, hours=feed.hours[feed.hours <= last]) for feed in load_feeds(connection)
    )


def _series(key: SeriesKey) -> Series:
    return Series(key.mode, key.service, key.origin, key.destination, key.source, key.currency)
