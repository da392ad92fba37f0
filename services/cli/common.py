"""What every command shares: settings, database, results, progress and failures."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from shared.runtime.expected import ExpectedError

if TYPE_CHECKING:  # help needs neither
    from shared.runtime.settings import Settings
    from shared.store.session import Database

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


class CommandError(ExpectedError):
    """A command failed; the message is one line: what, why, what to do."""


def settings_of(*, logs: bool = False, folders: bool = True, **flags: object) -> Settings:
    """Read the settings, set up logs, and warn of variables that nothing reads.

    `folders` says to refuse those of folders that are not there.
    """
    from shared.runtime.logging import configure_logging
    from shared.runtime.settings import given_variables, read_settings, unknown_settings

    settings = read_settings(folders=folders, **flags)
    level = settings.log_level if logs or settings.log_level == "debug" else "warning"
    configure_logging(settings.log_format, level)
    for name in unknown_settings(given_variables()):
        say(f"leadline: {name} is no setting of Leadline, it is ignored")
    return settings


@contextmanager
def open_database(settings: Settings, *, checked: bool = True) -> Iterator[Database]:
    """Open the database of the settings; refuse a schema that does not fit."""
    from shared.store.migrate import SchemaError, check_schema
    from shared.store.session import Database

    database = Database(settings.database_url, name="leadline-cli")
    try:
        if checked and (path := missing_file(database)):
            # Looking would make an empty file.
            raise SchemaError(f"there is no database {path} yet; run `leadline migrate`")
        if checked:
            check_schema(database)
        yield database
    finally:
        database.close()


def missing_file(database: Database) -> str | None:
    """Return the path of a SQLite file that is not there; None where there is nothing to miss."""
    path = database.engine.url.database if database.sqlite else None
    return path if path and not Path(path).exists() else None


def say(text: str) -> None:
    """Say something to the person, not to the pipe."""
    print(text, file=sys.stderr)


def print_json(value: Any) -> None:
    """Print one JSON value on a line of its own."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def print_lines(lines: Iterable[Mapping[str, Any]]) -> None:
    """Stream JSON lines."""
    write = sys.stdout.write
    for line in lines:
        write(json.dumps(line, ensure_ascii=False, default=str) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table: drawn on a terminal, tab-separated in a pipe."""
    if not sys.stdout.isatty():
        print("\t".join(columns))
        for row in rows:
            print("\t".join("" if cell is None else str(cell) for cell in row))
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table)


@contextmanager
def progress_bar(title: str) -> Iterator[Progress]:
    """Show progress on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        bar.add_task(title, total=1.0, note="")
        yield bar
