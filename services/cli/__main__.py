"""The `leadline` command."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError, OperationalError

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
from services.cli.common import CommandError, say
from services.ingest.adapters import MappingError, WrongFileError
from shared.kafka.admin import BrokerUnavailableError
from shared.kafka.embedded import EmbeddedBrokerError
from shared.runtime.settings import SettingsError
from shared.runtime.telemetry import product_version
from shared.store.migrate import SchemaError

EXPECTED = (
    CommandError,
    SettingsError,
    SchemaError,
    MappingError,
    WrongFileError,
    BrokerUnavailableError,
    EmbeddedBrokerError,
)

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
    try:
        app(prog_name="leadline")
    except EXPECTED as error:
        say(f"leadline: {error}")
    except OperationalError as error:
        say(f"leadline: the database does not answer: {_first_line(error)}; see `leadline doctor`")
    except DBAPIError as error:
        say(f"leadline: the database refuses: {_first_line(error)}; see `leadline doctor`")
    except BrokenPipeError:
        sys.stderr.close()
    except KeyboardInterrupt:
        say("leadline: stopped")
    except OSError as error:
        say(f"leadline: {error.filename or 'input'}: {error.strerror or error}")
    else:
        return
    sys.exit(1)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().splitlines()[0]


if __name__ == "__main__":
    main()
