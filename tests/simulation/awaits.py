"""Where the adapter waits: every `await` of its files, and at which a process was killed."""

import ast
from functools import cache
from pathlib import Path

import services.ingest.sink
import shared.kafka.consumer
import shared.kafka.log_ends
import shared.kafka.reading
import shared.runtime.repeat

ADAPTER = tuple(
    module.__file__
    for module in (
        shared.kafka.consumer,
        shared.kafka.log_ends,
        shared.kafka.reading,
        services.ingest.sink,
        shared.runtime.repeat,
    )
)


def points():
    """Return every await of the adapter, as (file, first line)."""
    return {(Path(file).name, lines[0]) for file in ADAPTER for lines in _awaits(file)}


def reached(hit):
    """Return those at which a process was killed; `hit` holds (file, line) of its frames."""
    found = set()
    for file, line in hit:
        if file in ADAPTER:
            around = [lines for lines in _awaits(file) if lines[0] <= line <= lines[1]]
            found.update((Path(file).name, lines[0]) for lines in around[:1])
    return found


@cache
def _awaits(file):
    """Return first and last line of each await, the innermost first."""
    tree = ast.parse(Path(file).read_text())
    spans = [(n.lineno, n.end_lineno) for n in ast.walk(tree) if isinstance(n, ast.Await)]
    return sorted(spans, key=lambda span: span[1] - span[0])
