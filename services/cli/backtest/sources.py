"""Where a backtest's history comes from: an event file, a mapped file, or the store."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, select

from services.cli.backtest.reading import (
    BOOKING,
    COMPLAINT,
    DAY_SECONDS,
    LATE,
    EventRows,
    read_events,
)
from services.cli.common import CommandError
from services.ingest.adapters import find_mapping, load_mapping
from services.ingest.adapters.importer import FileImport, file_digest
from services.ingest.refusals import Refusals
from services.signals.backtest.amounts import NO_RATES, accounts_without_rate
from services.signals.features.facts import EventRef, EvidenceFact, Facts, IntArray
from services.signals.store.facts import load_facts
from services.signals.store.merges import merge_targets
from services.signals.training.population import Population, booking_facts, population_of
from shared.domain.rates import Worth
from shared.runtime.clock import WallClock
from shared.store.migrate import migrate
from shared.store.session import Database
from shared.store.tables import AccountRow

Advance = Callable[[float], None]


class History(NamedTuple):
    """A population, what was unusual about its source, and when its facts were known."""

    population: Population
    notes: list[str]
    as_known: Facts | None = None  # each fact counts from when it was known; None: as it happened
    worth: Worth = NO_RATES


def event_file(path: Path, today: date, advance: Advance) -> History:
    """Return the history of a CSV file with the columns of Leadline's event files."""
    found = read_events(path, today, advance)
    return _history(_file_facts(found), _stem(path), file_digest(path), found.notes())


def _file_facts(found: EventRows) -> Facts:
    """Return the events of the accounts that booked; the rows of others tell of no customer."""
    named, kind = np.array(found.accounts), np.array(found.kinds)
    ids = np.unique(named[kind == BOOKING])
    account = np.minimum(np.searchsorted(ids, named), ids.size - 1)
    mine = ids[account] == named
    time, used = np.array(found.times, dtype=np.int64), mine & (kind != COMPLAINT)
    complaints = sorted(zip(account[mine & (kind == COMPLAINT)].tolist(),
                            time[mine & (kind == COMPLAINT)].tolist(), strict=True))  # fmt: skip
    return booking_facts(
        tuple(ids.tolist()),
        account[used],
        time[used] // DAY_SECONDS,
        np.array(found.amounts)[used],
        late=kind[used] == LATE,
        evidence=tuple(_complaint(at, *one) for at, one in enumerate(complaints)),
    )


def _complaint(at: int, account: int, time: int) -> EvidenceFact:
    """Return a complaint of which the file knows no more than that it was made."""
    ref = f"{at:09}"
    data = {"phase": "opened", "kind": "complaint"}
    return EvidenceFact(account, "complaint", ref, time * 1_000_000, EventRef("file", ref), data)


def mapped_file(
    path: Path, mapping: str, extra: Path | None, advance: Advance, worth: Worth = NO_RATES
) -> History:
    """Return the history of a file of another shape: imported into a store of its own."""
    chosen = load_mapping(find_mapping(mapping, extra))
    with tempfile.TemporaryDirectory(prefix="leadline-backtest-") as folder:
        database = Database(f"sqlite:///{folder}/backtest.db", name="leadline-cli")
        with closing(database):
            migrate(database)
            report = FileImport(database, WallClock(), path, chosen).run(advance)
            notes = _rejects(report.refusals)
            if not report.outcomes["accepted"]:
                raise CommandError(f"{path}: nothing was accepted; is {mapping} the right map?")
            with database.read() as connection:
                facts, as_known = _all_facts(connection)
    return _history(facts, _stem(path), file_digest(path), notes, as_known, worth)


def store(database: Database, worth: Worth) -> History:
    """Return the history of the installation's own store."""
    with database.read() as connection:
        facts, as_known = _all_facts(connection)
    digest = hashlib.sha256(facts.day.tobytes() + facts.account.tobytes()).hexdigest()
    return _history(facts, "store", digest, [], as_known, worth)


def complete_until(day: IntArray) -> int:
    """Return the day after the last complete month of these booking days.

    The last month counts as complete if its end lies no further after its last booking than the
    usual longest pause (99 %) between booking days of the whole population.
    """
    booked = np.unique(day)
    start = booked[-1:].astype("datetime64[D]").astype("datetime64[M]")
    after = int((start + 1).astype("datetime64[D]").astype(np.int64)[0])
    pause = float(np.quantile(np.diff(booked), 0.99)) if booked.size > 1 else 0.0
    if after - 1 - int(booked[-1]) <= pause:
        return after
    return int(start.astype("datetime64[D]").astype(np.int64)[0])


def _history(
    facts: Facts,
    name: str,
    digest: str,
    notes: list[str],
    as_known: Facts | None = None,
    worth: Worth = NO_RATES,
) -> History:
    used = facts.day[facts.sums["demand"] > 0]
    if not used.size:
        raise CommandError(f"{name}: insufficient data: no bookings")
    end = complete_until(used)
    if end <= int(used.max()):
        month = str(np.array(end, dtype="datetime64[D]").astype("datetime64[M]"))
        notes = [*notes, f"{month} is not complete: its bookings are left out"]
    lacking = accounts_without_rate(facts, worth).items()
    notes = [*notes, *(_lacking(worth.reporting, *one) for one in lacking)]
    return History(population_of(facts, name, digest, end), notes, as_known, worth)


def _lacking(reporting: str, currency: str, accounts: int) -> str:
    return (
        f"the yearly amounts lack revenue in {currency}, which has no rate into {reporting}"
        f" (LEADLINE_FX_RATES); accounts that have some: {accounts}"
    )


def _all_facts(connection: Connection) -> tuple[Facts, Facts | None]:
    """Return all facts, and the same as they were known; None where nothing came late."""
    merged = merge_targets(connection)
    rows = connection.execute(select(AccountRow.id, AccountRow.account_id))
    kept = sorted((name, key) for key, name in rows if key not in merged)
    ids = [key for _, key in kept]
    facts = load_facts(connection, ids, until_day=None)
    as_known = load_facts(connection, ids, until_day=None, feeds=facts.feeds, as_known=True)
    late = not np.array_equal(as_known.effect_day, facts.effect_day)
    return facts, as_known if late else None


def _rejects(refusals: Refusals) -> list[str]:
    if not refusals.total:
        return []
    return [f"{refusals.total} rows were rejected: {'; '.join(refusals.lines())}"]


def _stem(path: Path) -> str:
    return path.name.split(".")[0]
