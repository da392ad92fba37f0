"""Calls cut off at any moment: nothing acknowledged is missing, nothing is half applied."""

import importlib
import inspect
import pkgutil
import random
from collections import Counter

import pytest
from sqlalchemy import text

from services.api import commands, keys, queries
from services.ingest.intake import EventIntake
from services.ingest.replay import DeadLetterReplay
from services.signals.runs import RunCommands
from tests.chaos.calls_reading import READS, WITHOUT_CONNECTION, Fixed
from tests.chaos.calls_writing import COMMANDS, INSIDE_ANSWER_ONCE, Found, Writes
from tests.chaos.cancelling import Canceller, left_open
from tests.support.factories import Factory

TRIES = 25


def test_every_query_and_command_is_among_the_calls():
    modules = [
        importlib.import_module(f"services.api.queries.{found.name}")
        for found in pkgutil.iter_modules(queries.__path__)
    ]
    asking = {f for m in modules for f in functions(m) if first_parameter(f) in TOUCHING}
    assert {f.__name__ for f in asking} == {f.__name__ for f in (*READS, *WITHOUT_CONNECTION)}

    acting = {f.__name__ for m in (commands, keys) for f in functions(m)}
    for owner in (EventIntake, DeadLetterReplay, RunCommands):
        acting |= {name for name in vars(owner) if not name.startswith("_")}
    assert acting - INSIDE_ANSWER_ONCE == set(COMMANDS)


TOUCHING = {"connection", "database"}


def functions(module):
    return [
        found
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if found.__module__ == module.__name__ and not name.startswith("_")
    ]


def first_parameter(function):
    return next(iter(inspect.signature(function).parameters), None)


@pytest.mark.postgres
def test_calls_cut_off_at_any_moment_leave_all_or_nothing_and_the_pool_whole(database):
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201
    report = cut_off_calls(database, seed, TRIES)
    print(report)  # noqa: T201

    assert report["missing"] == report["half_applied"] == report["doubled"] == []
    assert report["sums_that_differ"] == []
    assert not any(report["left_open"].values())
    assert report["given up"]
    assert report["answered"]


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
