"""`leadline dlq`."""

from __future__ import annotations

import base64
import getpass
import os
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from services.cli.common import (
    AsJson,
    CommandError,
    open_database,
    print_json,
    print_table,
    settings_of,
)
from shared.contracts.letter_ids import LetterIds
from shared.domain.texts import plain_id
from shared.runtime.clock import WallClock

app = typer.Typer(help="Dead letters: records that could not be accepted.", no_args_is_help=True)
COLUMNS = (
    "dead_letter_id", "topic", "partition", "offset", "file", "account_id", "event_id", "reason",
    "detail",
    "first_seen_at", "tries", "replayed_at", "discarded_at", "discarded_by", "discarded_reason",
)  # fmt: skip
HIGHEST = 2**63 - 1  # what a database can number
LISTED = 60  # characters
SHOWN_BYTES = 2_000


@app.command("list")
def list_(
    reason: Annotated[str | None, typer.Option(help="Only with this reason.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also those replayed or discarded.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the dead letters that wait."""
    from services.cli.letters import dead_letters

    with open_database(settings_of()) as database:
        rows = [
            {name: row[name] for name in COLUMNS}  # what is not listed may have megabytes
            for row in dead_letters(database)
            if (everything or waits(row)) and reason in {None, row["reason"]}
        ]
    if as_json:
        print_json(rows)
    else:
        print_table(COLUMNS, [[_brief(row, name) for name in COLUMNS] for row in rows])


@app.command("show")
def show(
    dead_letter_id: Annotated[int, typer.Argument(metavar="ID", max=HIGHEST)],
    as_json: AsJson = False,
) -> None:
    """Show one dead letter whole."""
    from services.cli.letters import dead_letters

    with open_database(settings_of()) as database:
        found = next(dead_letters(database, dead_letter_id), None)
    if found is None:
        raise CommandError(f"there is no dead letter {dead_letter_id}; see `leadline dlq list`")
    if as_json:
        print_json(found)
        return
    for name in COLUMNS:
        print(f"{name:15} {'' if found[name] is None else _shown(found, name)}")
    value = base64.b64decode(found["value"]) if found["value"] is not None else None
    print("value" if value is not None else "value: null")
    if value is not None:
        text = value[:SHOWN_BYTES].decode("utf-8", "backslashreplace")
        print(text + (f"\n... {len(value)} bytes in all" if len(value) > SHOWN_BYTES else ""))


@app.command("replay")
def replay(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID ...]", max=HIGHEST)] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try dead letters again, after a fix; replaying twice changes nothing."""
    if bool(ids) == everything:
        raise typer.BadParameter("name ids, or --all")
    from services.ingest.replay import DeadLetterReplay

    with open_database(settings_of()) as database:
        work = DeadLetterReplay(database, WallClock())
        results = []
        for each in ids or list(work.pending()):
            result = work.replay(each)
            if result is None:
                raise CommandError(f"there is no dead letter {each}; see `leadline dlq list`")
            results.append(result)
    if as_json:
        names = ("dead_letter_id", "status", "reason", "detail")
        print_json([{name: getattr(result, name) for name in names} for result in results])
    else:
        rows = [(r.dead_letter_id, r.status, r.reason, r.detail) for r in results]
        print_table(["dead_letter_id", "status", "reason", "detail"], rows)
    if again := sum(result.status == "rejected" for result in results):
        raise CommandError(f"{again} of {len(results)} were rejected again")


@app.command("discard")
def discard_(
    ids: Annotated[list[int], typer.Argument(metavar="ID ...", max=HIGHEST)],
    because: Annotated[str, typer.Option("--because", help="Why; kept with the letter.")],
) -> None:
    """Give up dead letters that will never be accepted; they are kept, and wait no more."""
    if not because.strip():
        raise typer.BadParameter("say why")
    from services.ingest.discard import Discard, discard

    with open_database(settings_of()) as database:
        why = Discard(_user(), because.strip(), WallClock().now())
        for each in ids:
            try:
                fresh = discard(database, each, why)
            except (LookupError, ValueError) as error:
                raise CommandError(f"{error}; see `leadline dlq list --all`") from error
            print(f"{each} {'discarded' if fresh else 'was discarded before'}")


def _shown(row: Mapping[str, Any], name: str) -> Any:
    """Return a cell; an id that nobody has checked breaks no line of the table."""
    is_id = name in LetterIds._fields and row[name] is not None
    return plain_id(row[name]) if is_id else row[name]


def _brief(row: Mapping[str, Any], name: str) -> Any:
    """Return a cell of the list: of an id of any length the beginning, `show` has the whole."""
    cell = _shown(row, name)
    long = name in LetterIds._fields and cell is not None and len(cell) > LISTED
    return f"{cell[: LISTED - 1]}…" if long else cell


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an id without a name, as containers have
        return f"user {os.getuid()}"


def waits(letter: Mapping[str, Any]) -> bool:
    """Tell whether a letter was neither accepted at last nor given up."""
    return letter["replayed_at"] is None and letter["discarded_at"] is None
