"""T10: the same facts in many orders give one state, one score and one list."""

import hashlib
import json
import random
import shutil
from collections import defaultdict
from itertools import islice

from sqlalchemy import text
from threadpoolctl import threadpool_limits

from services.ingest.batch import Intake
from services.ingest.intake import EventIntake
from shared.runtime.clock import WallClock
from shared.store.migrate import migrate
from shared.store.session import Database
from tests.chaos import readings
from tests.chaos.stream import Stream
from tests.support import process
from tests.support.factory import FakeClock, Installation
from tests.support.postgres import PostgresServer


def orders(size, seed):
    """Shuffle one multiset of events; take it in batches of any size; evaluate; compare."""
    threadpool_limits(limits=1)  # as the worker does
    folder = process.short_dir("orders")
    server = PostgresServer().start()
    try:
        template = folder / "template.db"
        _migrated(f"sqlite:///{template}")
        on_sqlite = (_copy(template, folder / f"{n}.db") for n in range(10**6))
        on_postgres = (server.create_database() for _ in range(10**6))
        runs = [
            *islice(on_sqlite, size.of(17, 170, 500)),
            *islice(on_postgres, size.of(3, 30, 100)),
        ]
        return one_state("T10", runs, seed, size.of(250, 250, 1_000))
    finally:
        server.close()
        shutil.rmtree(folder)


def one_state(name, urls, seed, count):
    """Take the same events in another order into each database; return how the states differ."""
    rng = random.Random(seed)
    print(f"{name}: seed {seed}", flush=True)  # noqa: T201
    stream = Stream(rng, accounts=count // 50, duplicates=0.05, bad=0.01, span=count)
    facts = [r.value for r in islice(stream, count) if r.value is not None]
    now = WallClock().now()
    states = defaultdict(list)
    for number, url in enumerate(urls):
        database = Database(url)
        states[digest(taken(database, facts, now))].append(number)
        database.close()
        rng.shuffle(facts)
    return {
        "procedure": name, "seed": seed, "events": len(facts), "orders": len(urls), "lost": 0,
        "doubled": 0, "differing": len(states) - 1, "said": sorted(states.values(), key=len)[:-1],
    }  # fmt: skip


def taken(database, facts, now):
    """Take events as they come, then evaluate every day; return the whole state with names."""
    rng = random.Random(0)
    installation = Installation(database, now=now)
    intake = EventIntake(database, FakeClock(now), Intake.HTTP)
    left = list(facts)
    while left:
        cut = rng.choice((1, 7, 60, 200))
        intake.accept(left[:cut])
        del left[:cut]
    installation.work()
    return whole_state(database)


def whole_state(database):
    """Return every fact, aggregate and score, without what tells of processing."""
    with database.read() as connection:

        def rows(statement):
            return [tuple(row) for row in connection.execute(text(statement))]

        state = readings.state(rows)
        return state | {"changes": readings.changes(rows), "scores": readings.scores(rows)}


def digest(state):
    """Return a hash of the state, sorted: equal states have equal hashes."""
    tables = {
        table: sorted(map(_line, rows.items() if isinstance(rows, dict) else rows))
        for table, rows in state.items()
    }
    return hashlib.sha256(_line(sorted(tables.items())).encode()).hexdigest()


def _line(row):
    return json.dumps(row, sort_keys=True, default=repr)


def _migrated(url):
    database = Database(url)
    migrate(database)
    database.close()


def _copy(template, path):
    shutil.copy(template, path)
    return f"sqlite:///{path}"
