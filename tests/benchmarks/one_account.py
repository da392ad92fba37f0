"""One account end to end: from a committed fact to its stored features, risk, curve and reasons.

The worker's own step on a real database: it finds the account, reads its facts, scores and
explains it, folds its alerts and commits. Not in it: the wake-up (a notification, else a poll).
Each booking comes a minute after the one before, so what is remembered for seconds is read anew.
`cpu_median_ms` is the worker's own; the server's is not in it.
"""

import statistics
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.store.migrate import migrate
from shared.store.session import Database
from tests.benchmarks.running import server_settings
from tests.support.factory import Installation
from tests.support.postgres import PostgresServer
from tests.support.process import UnavailableError

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
ACCOUNTS = 100
WEEKS = 130
WARM_UP = 5


def one_account(rounds):
    """Return milliseconds per database; None for PostgreSQL where there is none."""
    with tempfile.TemporaryDirectory() as folder:
        found = {"sqlite": _measured(f"sqlite:///{Path(folder) / 'one.db'}", rounds)}
    with ExitStack() as stack:
        try:
            server = PostgresServer(durable=True, settings=server_settings())
        except UnavailableError:
            return found | {"postgresql": None}
        stack.callback(server.close)
        server.start()
        return found | {"postgresql": _measured(server.create_database(), rounds)}


def _measured(url, rounds):
    database = Database(url)
    try:
        migrate(database)
        place = Installation(database, "wall", now=NOW)
        for number in range(ACCOUNTS):
            start = NOW - timedelta(weeks=WEEKS, hours=number)
            place.bookings(f"A{number}", weeks=WEEKS, start=start)
        place.work(end=False)
        taken = [_one(place, f"A{number % ACCOUNTS}") for number in range(rounds + WARM_UP)]
    finally:
        database.close()
    wall, cpu = (sorted(times) for times in zip(*taken[WARM_UP:], strict=True))
    return {
        "accounts": ACCOUNTS,
        "bookings_each": WEEKS,
        "rounds": rounds,
        "median_ms": round(1e3 * statistics.median(wall), 2),
        "p99_ms": round(1e3 * wall[int(0.99 * (len(wall) - 1))], 2),
        "cpu_median_ms": round(1e3 * statistics.median(cpu), 2),
    }


_WAITING = """
SELECT count(*) AS n FROM account_facts f JOIN account_score s USING (account_id)
WHERE f.revision > s.scored_revision
"""


def _waiting(place):
    return place.rows(_WAITING)[0]["n"]


def _one(place, account):
    """Return wall and CPU seconds from a booking's commit until the new score is stored."""
    place.clock.pass_seconds(60)
    data = {"booking_ref": f"{account}-{place.clock.seconds}", "phase": "confirmed", "teu": 1,
            "mode": "sea", "service": "FCL", "origin": "VNHPH", "destination": "DEHAM"}  # fmt: skip
    place.take(place.event("booking", account, place.clock.at - timedelta(hours=1), data))
    if not _waiting(place):
        raise RuntimeError("the new fact does not wait for a score")
    begun, before = time.perf_counter(), time.process_time()
    place.worker.step()
    taken = time.perf_counter() - begun, time.process_time() - before
    if _waiting(place):
        raise RuntimeError("one step did not store the new score")
    return taken
