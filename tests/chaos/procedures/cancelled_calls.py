"""T18: every query and command is cut off at any moment, on both databases."""

import shutil
from collections import Counter

from sqlalchemy import text

from shared.store.migrate import migrate
from shared.store.session import Database
from tests.chaos.calls_reading import READS, WITHOUT_CONNECTION, Fixed
from tests.chaos.calls_writing import COMMANDS, Found, Writes
from tests.chaos.cancelling import Canceller, left_open
from tests.support import process
from tests.support.factories import Factory
from tests.support.postgres import PostgresServer


def cancelled_calls(size, seed):
    """Some fifty calls, each so many times; two of three are disturbed."""
    print(f"T18: seed {seed}", flush=True)  # noqa: T201
    folder = process.short_dir("calls")
    server = PostgresServer().start()
    try:
        urls = {"sqlite": f"sqlite:///{folder}/calls.db", "postgresql": server.create_database()}
        reports = {name: _on(url, seed, size.of(20, 120, 800)) for name, url in urls.items()}
    finally:
        server.close()
        shutil.rmtree(folder)
    return {
        "procedure": "T18", "seed": seed, "events": 0,
        "lost": sum(len(report["missing"]) for report in reports.values()),
        "doubled": sum(len(report["doubled"]) for report in reports.values()),
        "differing": sum(wrong(report) for report in reports.values()),
        "reports": reports,
    }  # fmt: skip


def wrong(report):
    """Return how much was half applied, summed wrongly or left open."""
    halves = len(report["half_applied"]) + len(report["sums_that_differ"])
    return halves + sum(report["left_open"].values())


def _on(url, seed, tries):
    database = Database(url)
    try:
        migrate(database)
        return cut_off_calls(database, seed, tries)
    finally:
        database.close()


def cut_off_calls(database, seed, tries):
    """Disturb every query and command; return what came of it."""
    make = Factory(database)
    fixed, writes = Fixed(make), Writes(database, make, range(tries))
    canceller = Canceller(database, seed)
    canceller.run([*reading(database, fixed), *writing(writes)], tries)
    with database.read() as connection:
        found = Found(lambda statement: [tuple(row) for row in connection.execute(text(statement))])
        kept = [
            (attempt, found.parts(attempt.name, attempt.number, writes))
            for attempt in canceller.attempts
        ]
        differing = found.sums_that_differ()
        doubled = found.doubled()
    return {
        "calls": len(kept),
        **Counter(attempt.ended for attempt in canceller.attempts),
        "faults": dict(canceller.faults),
        "missing": [a for a, parts in kept if a.ended == "answered" and not all(parts)],
        "half_applied": [a for a, parts in kept if any(parts) and not all(parts)],
        "doubled": doubled,
        "sums_that_differ": differing,
        "left_open": left_open(database),
    }


def reading(database, fixed):
    def call(query):
        def work(number):
            with database.read() as connection:
                query(connection, fixed)

        return work

    yield from ((function.__name__, call(query)) for function, query in READS.items())
    for function, query in WITHOUT_CONNECTION.items():
        yield function.__name__, lambda number, query=query: query(database)


def writing(writes):
    return [(name, getattr(writes, name)) for name in COMMANDS]
