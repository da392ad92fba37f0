"""The calls that are cut off at any moment are all that there are."""

import importlib
import inspect
import pkgutil

from services.api import commands, keys, queries
from services.ingest.intake import EventIntake
from services.ingest.replay import DeadLetterReplay
from services.signals.runs import RunCommands
from tests.chaos.calls_reading import READS, WITHOUT_CONNECTION
from tests.chaos.calls_writing import AROUND, COMMANDS, INSIDE_ANSWER_ONCE


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
    assert acting - INSIDE_ANSWER_ONCE - AROUND == set(COMMANDS)


TOUCHING = {"connection", "database"}


def functions(module):
    return [
        found
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if found.__module__ == module.__name__ and not name.startswith("_")
    ]


def first_parameter(function):
    return next(iter(inspect.signature(function).parameters), None)
