"""`leadline migrate`."""

from __future__ import annotations

from typing import Annotated

import typer

from services.cli.common import open_database, settings_of


def migrate(
    to: Annotated[str, typer.Option(help="Revision to go to.", metavar="REV")] = "head",
) -> None:
    """Bring the database's schema to the newest revision."""
    from services.cli.upgrading import bring_up_to_date

    with open_database(settings_of(), checked=False) as database:
        before, after = bring_up_to_date(database, to)
    if before == after:
        print(f"schema {after}: nothing to do")
    else:
        print(f"schema {before or 'empty'} -> {after}")
