"""The `leadline` command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.cli.commands import dlq, export, importing, keys, migrate, notify, simulate, topics
from services.cli.commands.heavy import (
    api,
    backtest,
    demo,
    doctor,
    ingest,
    score,
    signals,
    train,
    up,
)
from services.cli.common import say
from shared.runtime.expected import ExpectedError

app = typer.Typer(
    name="leadline",
    help="Churn signals for the key accounts of logistics companies.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from shared.runtime.telemetry import product_version

        print(f"leadline {product_version()}")
        raise typer.Exit


@app.callback()
def leadline(
    version: Annotated[  # its callback prints it
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Churn signals for the key accounts of logistics companies."""


app.command("demo")(demo)
app.command("up")(up)
app.command("ingest")(ingest)
app.command("signals")(signals)
app.command("api")(api)
app.command("migrate")(migrate.migrate)
app.add_typer(topics.app, name="topics")
app.command("resume")(topics.resume)
app.add_typer(keys.app, name="keys")
app.command("import")(importing.import_file)
app.command("simulate")(simulate.simulate)
app.command("score")(score)
app.command("backtest")(backtest)
app.command("train")(train)
app.command("export")(export.export)
app.add_typer(dlq.app, name="dlq")
app.add_typer(notify.app, name="notify")
app.command("doctor")(doctor)


def main() -> None:
    """Run the command; what we expect to fail is one line and exit code 1."""
    _open_closed_streams()
    try:
        app(prog_name="leadline")
    except ExpectedError as error:
        say(f"leadline: {error}")
    except BrokenPipeError:
        sys.stderr.close()
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        say(f"leadline: {where}{error.strerror or error}")
    except Exception as error:
        if (fault := _database_fault(error)) is None:
            raise
        say(f"leadline: the database {fault}; see `leadline doctor`")
    else:
        return
    sys.exit(1)


def _open_closed_streams() -> None:
    """Let what is said go nowhere where the caller closed a stream (`>&-`).

    Else the next file that is opened, a database even, would get the stream's number.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  # until the end


def _database_fault(error: Exception) -> str | None:
    """Return what became of a statement; None for what is no fault of the database."""
    from sqlalchemy.exc import DBAPIError, OperationalError

    if not isinstance(error, DBAPIError):
        return None
    did = "does not answer" if isinstance(error, OperationalError) else "refuses"
    return f"{did}: {str(error.orig).strip().splitlines()[0]}"


if __name__ == "__main__":
    main()
