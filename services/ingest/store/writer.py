"""One batch, one transaction: offsets, ledger, facts, aggregates, dead letters."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Sequence

import psycopg
import structlog
from sqlalchemy import Connection

from services.ingest.batch import Batch, Outcome, PlacedFact, Written
from services.ingest.store import offsets
from services.ingest.store.bookings import BOOKING_TYPES, BookingChanges, entity_of
from services.ingest.store.breakers import open_breakers
from services.ingest.store.bulk import Bulk, Columns, DuplicateRowError, Merge, bulk_of
from services.ingest.store.dead_letters import store_dead_letters
from services.ingest.store.evidence import store_evidence
from services.ingest.store.feeds import FeedCounts
from services.ingest.store.ledger import EVENT, judge
from services.ingest.store.surrogates import Surrogates
from shared.store.base import from_micros
from shared.store.session import Database

log = structlog.get_logger(__name__)

CHANNEL = "leadline_facts"
MAX_TRIES = 5
_REVISION = Merge(
    Columns(
        "account_facts",
        {
            "account_id": "bigint", "revision": "bigint", "events_total": "bigint",
            "first_event_at": "bigint", "last_event_at": "bigint", "changed_at": "bigint",
        },
    ),
    ("account_id",),
    {
        "revision": "old + new",
        "events_total": "old + new",
        "first_event_at": "LEAST(old, new)",
        "last_event_at": "GREATEST(old, new)",
        "changed_at": "new",
    },
)  # fmt: skip


class _TriedOutError(Exception):
    """Rolls a trial back."""


class FactWriter:
    """Applies batches; one at a time per instance, since it caches row ids."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._surrogates = Surrogates()
        self._feeds = FeedCounts()

    def write(self, batch: Batch) -> Written:
        """Apply the batch in one transaction.

        Raises `FencedError` when a partition was moved on by another process, and the driver's
        errors when the database fails: then the same batch may be written again.
        """
        for _ in range(MAX_TRIES):
            try:
                return self._write_once(batch)
            except DuplicateRowError:
                log.info("same event in two transactions at once, looking again")
        raise DuplicateRowError(f"gave up after {MAX_TRIES} tries")

    def try_out(self, batch: Batch, placed: PlacedFact) -> str | None:
        """Store one fact and roll back; return what is wrong with it, if anything.

        Passing faults of the database are raised.
        """
        alone = Batch(batch.intake, batch.arrived_at, facts=[placed])
        try:
            with self._database.write() as connection:
                self._apply(connection, bulk_of(connection), alone)
                raise _TriedOutError  # noqa: TRY301 (rolls back, whatever the database)
        except _TriedOutError:
            return None
        except (psycopg.DataError, sqlite3.DataError, OverflowError, ValueError) as error:
            return str(error)
        finally:
            self._surrogates.rolled_back()

    def _write_once(self, batch: Batch) -> Written:
        try:
            with self._database.write() as connection:
                written = self._apply(connection, bulk_of(connection), batch)
                batch.attempted = True
        except BaseException:
            self._surrogates.rolled_back()
            raise
        self._surrogates.committed()
        self._feeds.committed()
        return written

    def _apply(self, connection: Connection, bulk: Bulk, batch: Batch) -> Written:
        at = batch.arrived_at
        # The compare-and-set comes first: it takes the row lock, so that a zombie waits here
        # and then sees that it was overtaken, before it has written anything.
        if not offsets.move(bulk, batch.slices, at=at, attempted=batch.attempted):
            return Written([Outcome.DUPLICATE] * len(batch.facts), already_done=True)
        outcomes = self._apply_facts(connection, bulk, batch)
        if batch.dead_letters:
            store_dead_letters(connection, batch.dead_letters, at)
        if batch.trips:
            open_breakers(connection, batch.trips, from_micros(at))
        if batch.max_event_time is not None:
            offsets.raise_event_time(bulk, batch.intake, batch.max_event_time, at=at)
        return Written(outcomes)

    def _apply_facts(self, connection: Connection, bulk: Bulk, batch: Batch) -> list[Outcome]:
        if not batch.facts:
            return []
        self._surrogates.know_sources(bulk, (f.fact.source for f in batch.facts))
        outcomes = judge(bulk, batch.facts, self._surrogates.sources)
        new = [
            placed
            for placed, outcome in zip(batch.facts, outcomes, strict=True)
            if outcome is Outcome.APPLIED
        ]
        if new:
            self._surrogates.know_accounts(bulk, (f.fact.subject for f in new))
            self._append(connection, bulk, batch, new)
            bulk.notify(CHANNEL)
        return outcomes

    def _append(
        self, connection: Connection, bulk: Bulk, batch: Batch, new: Sequence[PlacedFact]
    ) -> None:
        # This locks the accounts' rows, in one order for all writers: from here on no other
        # transaction can fold the same bookings.
        bulk.merge(_REVISION, self._revisions(new, batch.arrived_at))
        bookings = BookingChanges(self._surrogates)
        rows = []
        for fact, partition, offset in new:
            account = self._surrogates.accounts[fact.subject]
            ref, entity = entity_of(fact)
            if fact.type in BOOKING_TYPES:
                bookings.add(fact, account, entity, ref)
            rows.append(
                (self._surrogates.sources[fact.source], fact.id, int(fact.type), account, entity,
                 fact.time, fact.recorded, batch.arrived_at, partition, offset, fact.data)
            )  # fmt: skip
        bookings.store(bulk)
        bulk.insert(EVENT, rows)
        store_evidence(connection, new, self._surrogates)
        self._feeds.store(
            bulk, new, self._surrogates, intake=batch.intake, arrived_at=batch.arrived_at
        )

    def _revisions(self, new: Sequence[PlacedFact], at: int) -> list[tuple[int, ...]]:
        times: dict[int, list[int]] = defaultdict(list)
        for placed in new:
            times[self._surrogates.accounts[placed.fact.subject]].append(placed.fact.time)
        return [
            (account, 1, len(seen), min(seen), max(seen), at) for account, seen in times.items()
        ]
