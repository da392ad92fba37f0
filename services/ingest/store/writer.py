"""One batch, one transaction: offsets, ledger, facts, aggregates, dead letters."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress, repeat
from operator import itemgetter

import numpy as np
import numpy.typing as npt
import structlog
from sqlalchemy import Connection

from services.ingest.batch import Batch, FencedError, Intake, Outcome, PlacedFact, Written
from services.ingest.store import offsets
from services.ingest.store.breakers import open_breakers
from services.ingest.store.bulk import Bulk, Columns, DuplicateRowError, Merge, bulk_of
from services.ingest.store.columns import FactColumns, columns_of
from services.ingest.store.dead_letters import store_dead_letters
from services.ingest.store.entities import EntityFold
from services.ingest.store.evidence import store_evidence
from services.ingest.store.feeds import FeedCounts
from services.ingest.store.ledger import EVENT, judge
from services.ingest.store.memory import SMALL, Memory
from services.ingest.store.surrogates import Surrogates
from shared.store.base import from_micros
from shared.store.faults import is_of_a_value, unwrapped
from shared.store.identity import database_identity
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
_OWNER = itemgetter(3)
"""Of a row of `event`. Rows of one account follow each other, as they came: so do their entries in
the index by account, and readers find them together."""


class _TriedOutError(Exception):
    """Rolls a trial back."""


class FactWriter:
    """Applies batches; one at a time per instance, since it caches row ids."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._identity: str | None = None
        self._forget()
        self._written: list[int] = []  # keys that the batch in hand adds to the memory

    def _forget(self) -> None:
        self._surrogates = Surrogates()
        self._feeds = FeedCounts()
        self._memory = Memory()

    def write(self, batch: Batch) -> Written:
        """Apply the batch in one transaction.

        Raises `FencedError` when a partition was moved on by another process, and the driver's
        errors when the database fails: then the same batch may be written again.
        """
        trusting = self._memory.trusts(len(batch.facts))
        for _ in range(MAX_TRIES):
            try:
                return self._write_once(batch, trusting=trusting)
            except DuplicateRowError:
                if trusting:
                    self._memory.refused()
                else:
                    log.info("same event in two transactions at once, looking again")
                trusting = False
        raise DuplicateRowError(f"gave up after {MAX_TRIES} tries")

    def try_out(self, batch: Batch, placed: PlacedFact) -> str | None:
        """Store one fact and roll back; return what is wrong with it, if anything.

        Faults of the database and its schema are raised.
        """
        alone = Batch(batch.intake, batch.arrived_at, facts=[placed])
        try:
            with self._database.write() as connection:
                self._apply(connection, bulk_of(connection), alone, trusting=False)
                raise _TriedOutError  # noqa: TRY301 (rolls back, whatever the database)
        except _TriedOutError:
            return None
        except (FencedError, DuplicateRowError):
            raise
        except Exception as error:
            if not is_of_a_value(error):
                raise
            fault = unwrapped(error)
            return f"{type(fault).__name__}: {fault}"
        finally:
            self._rolled_back()

    def _write_once(self, batch: Batch, *, trusting: bool) -> Written:
        self._written = []
        try:
            with self._database.write() as connection:
                written = self._apply(connection, bulk_of(connection), batch, trusting=trusting)
                batch.attempted = True
        except BaseException:
            self._rolled_back()
            raise
        self._surrogates.committed()
        self._feeds.committed()
        if len(batch.facts) >= SMALL:
            self._memory.add(self._written)
        return written

    def _apply(
        self, connection: Connection, bulk: Bulk, batch: Batch, *, trusting: bool
    ) -> Written:
        at = batch.arrived_at
        self._recognise(connection)
        # The compare-and-set comes first: it takes the row lock, so that a zombie waits here
        # and then sees that it was overtaken, before it has written anything.
        if not offsets.move(bulk, batch.slices, at=at, attempted=batch.attempted):
            return Written([Outcome.DUPLICATE] * len(batch.facts), already_done=True)
        outcomes = self._apply_facts(connection, bulk, batch, trusting=trusting)
        if batch.dead_letters:
            store_dead_letters(connection, batch.dead_letters, at)
        if batch.trips:
            open_breakers(connection, batch.trips, from_micros(at))
        if batch.max_event_time is not None:
            offsets.raise_event_time(bulk, batch.intake, batch.max_event_time, at=at)
        return Written(outcomes)

    def _rolled_back(self) -> None:
        self._surrogates.rolled_back()
        self._feeds.rolled_back()

    def _recognise(self, connection: Connection) -> None:
        """Forget the row ids of another database: a restored backup may use them for others."""
        identity = database_identity(connection)
        if identity != self._identity:
            self._forget()
            self._identity = identity

    def _apply_facts(
        self, connection: Connection, bulk: Bulk, batch: Batch, *, trusting: bool
    ) -> list[Outcome]:
        if not batch.facts:
            return []
        given = columns_of(batch.facts)
        self._surrogates.know_sources(bulk, set(given.sources))
        source_ids = list(map(self._surrogates.sources.__getitem__, given.sources))
        keys = list(map(hash, given.ids))
        asked = self._memory.maybe(keys) if trusting else range(len(keys))
        outcomes = judge(bulk, given, list(zip(source_ids, given.ids, strict=True)), asked)
        self._written += keys
        new, facts = given, batch.facts
        if outcomes.count(Outcome.APPLIED) < len(outcomes):
            applied = [outcome is Outcome.APPLIED for outcome in outcomes]
            new, facts = given.only(applied), list(compress(facts, applied))
            source_ids = list(compress(source_ids, applied))
        if facts:
            self._surrogates.know_accounts(bulk, set(new.subjects))
            self._append(bulk, batch, new, source_ids, trusting=trusting)
            store_evidence(connection, facts, self._surrogates)
            bulk.notify(CHANNEL)
        return outcomes

    def _append(
        self,
        bulk: Bulk,
        batch: Batch,
        new: FactColumns,
        source_ids: Sequence[int],
        *,
        trusting: bool,
    ) -> None:
        owners = list(map(self._surrogates.accounts.__getitem__, new.subjects))
        times = np.array(new.times)
        # This locks the accounts' rows, in one order for all writers: from here on no other
        # transaction can fold the same bookings.
        bulk.merge(_REVISION, _revisions(owners, times, batch.arrived_at))
        entities = list(zip(owners, new.hashes, strict=True))
        asked = [entities[p] for p in self._memory.maybe(new.hashes)] if trusting else entities
        folder = EntityFold(bulk, self._surrogates)
        known = folder.known(list(dict.fromkeys(asked)))
        placed = folder.place(new, entities, known)
        at = repeat(batch.arrived_at, len(owners))
        rows = zip(
            source_ids, new.ids, new.types, owners, new.hashes, placed.nth, new.times,
            new.recorded, at, new.partitions, new.offsets, new.data, placed.changes, strict=True,
        )  # fmt: skip
        bulk.insert(EVENT, sorted(rows, key=_OWNER))
        folder.rewrite(placed)
        self._written += new.hashes
        feeds = source_ids, new.types, times, owners
        imported = batch.intake is Intake.IMPORT
        self._feeds.store(bulk, *feeds, imported=imported, arrived_at=batch.arrived_at)


def _revisions(
    owners: Sequence[int], times: npt.NDArray[np.int64], at: int
) -> list[tuple[int, ...]]:
    """Return (account, 1, events, first time, last time, at) per account, in order."""
    account = np.array(owners)
    order = np.argsort(account, kind="stable")
    account, times = account[order], times[order]
    starts = np.flatnonzero(np.append(True, account[1:] != account[:-1]))
    counts = np.diff(np.append(starts, account.size))
    first, last = np.minimum.reduceat(times, starts), np.maximum.reduceat(times, starts)
    columns = (account[starts], counts, first, last)
    return [(a, 1, n, f, t, at) for a, n, f, t in zip(*(c.tolist() for c in columns), strict=True)]
