"""`leadline import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import (
    AsJson,
    CommandError,
    open_database,
    print_json,
    progress_bar,
    say,
    settings_of,
)
from services.cli.stale_files import stale_text
from shared.runtime.clock import WallClock

if TYPE_CHECKING:
    from services.ingest.adapters.importer import ImportReport

MOST_REJECTED = 0.1
"""The share at which ingest's breaker takes a topic for a bad deploy, not for bad data."""


def import_file(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV or JSON lines.")
    ],
    mapping: Annotated[
        str, typer.Option("--map", metavar="NAME_OR_PATH", help="A map by name, or a YAML file.")
    ],
    as_json: AsJson = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail when anything at all was rejected.")
    ] = False,
) -> None:
    """Take in history from a file; goes on after an interruption, repeating changes nothing.

    Rejected rows are kept as dead letters. More than one in ten fails: that is a wrong map or
    file, not bad rows; with --strict a single one does.
    """
    from services.api.queries.imports import stale_import
    from services.ingest.adapters import find_mapping, load_mapping
    from services.ingest.adapters.importer import FileImport
    from services.ingest.adapters.rows import PackedFileError

    settings = settings_of()
    chosen = load_mapping(find_mapping(mapping, settings.mappings))
    with open_database(settings) as database, progress_bar(file.name) as bar:
        work = FileImport(database, WallClock(), file, chosen)
        try:
            report = work.run(lambda fraction: bar.update(bar.task_ids[0], completed=fraction))
        except PackedFileError as error:
            raise CommandError(f"{error} and repeat: nothing counts twice") from error
        with database.read() as connection:
            wall = WallClock().now() if settings.clock == "wall" else None
            stale = stale_import(connection, wall)
    if not report.outcomes.total() and not report.resumed_after:
        raise CommandError(f"{file}: there is nothing in it to take in")
    counts = {
        name: report.outcomes[name] for name in ("accepted", "duplicate", "conflict", "rejected")
    }
    if report.resumed_after:
        say(f"leadline: went on after {report.resumed_after} events of an interrupted import")
    if as_json:
        print_json({"file": file.name, **counts})
    else:
        print(f"{file.name}: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    if stale is not None:
        say(f"leadline: {stale_text(stale)}")
    if report.refusals.total:
        say("leadline: rejected rows are kept, `leadline dlq list` names file and line:")
        for line in report.refusals.lines():
            say(f"  {line}")
    if fault := _fault(report, strict=strict):
        raise CommandError(f"{file}: {fault}; is {mapping} the right map?")


def _fault(report: ImportReport, *, strict: bool) -> str | None:
    rejected, total = report.refusals.total, report.outcomes.total()
    if rejected and rejected == total:
        return "nothing was accepted"
    if strict and rejected:
        return f"{rejected} of {total} were rejected"
    if rejected > MOST_REJECTED * total:
        return f"{rejected} of {total} were rejected, more than one in ten"
    return None
