"""`leadline notify`."""

from __future__ import annotations

import typer

from services.cli.common import open_database, settings_of

app = typer.Typer(help="Webhooks, chat and mail; off in a new installation.", no_args_is_help=True)


@app.command("on")
def on() -> None:
    """Send notifications from now on."""
    _switch(on=True)


@app.command("off")
def off() -> None:
    """Send none; alerts, runs and topics flow all the same."""
    _switch(on=False)


def _switch(*, on: bool) -> None:
    from sqlalchemy import delete, insert

    from shared.store.tables import SettingRow

    with open_database(settings_of()) as database, database.write() as connection:
        connection.execute(delete(SettingRow).where(SettingRow.name == "notify"))
        connection.execute(insert(SettingRow).values(name="notify", value=on))
    print(f"notifications are {'on' if on else 'off'}")
