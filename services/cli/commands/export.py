"""`leadline export`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from services.cli.common import open_database, print_lines, settings_of


class What(StrEnum):
    """What can be exported."""

    LEDGER = "ledger"
    ACCOUNTS = "accounts"
    SIGNALS = "signals"
    ALERTS = "alerts"
    RUNS = "runs"
    DEAD_LETTERS = "dead-letters"


def export(what: Annotated[What, typer.Argument(help="What to export.")]) -> None:
    """Stream the whole state as JSON lines, in the order in which it came."""
    from services.cli.exports import EXPORTS

    with open_database(settings_of()) as database:
        print_lines(EXPORTS[what](database))
