"""`leadline keys`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import (
    AsJson,
    CommandError,
    open_database,
    print_json,
    print_table,
    say,
    settings_of,
)
from shared.domain.texts import is_blank
from shared.runtime.clock import WallClock

if TYPE_CHECKING:
    from shared.store.session import Database

app = typer.Typer(help="API keys.", no_args_is_help=True)
MOST_NAMED = 20
COLUMNS = ("key_id", "role", "kam_id", "created_at", "expires_at", "revoked_at")


class Role(StrEnum):
    """The roles of the api."""

    ADMIN = "admin"
    MANAGER = "manager"
    KAM = "kam"
    VIEWER = "viewer"
    SERVICE = "service"


@app.command("create")
def create(
    role: Annotated[Role, typer.Option(help="What the key may do.")],
    kam: Annotated[
        str | None, typer.Option(metavar="KAM_ID", help="Whose accounts a kam key sees.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=36_500, help="Days until it ends.")] = 365,
) -> None:
    """Make a key; its token is shown this once, alone on stdout."""
    from services.api.keys import create_key

    if role is Role.KAM and is_blank(kam or ""):
        raise typer.BadParameter(
            "a kam key sees the accounts of one KAM: add --kam KAM_ID, which is `kam.id` of the"
            " account events, as in --role kam --kam kam-linh"
        )
    if kam and role is not Role.KAM:
        raise typer.BadParameter(
            f"--kam goes with --role kam only: a {role} key is not for one KAM's accounts"
        )
    with open_database(settings_of()) as database:
        key = create_key(database, WallClock(), role=role.value, kam=kam, days=days)
        known = [] if kam is None else _owners(database)
    if kam is not None and kam not in {one["id"] for one in known}:
        say(f"leadline: no account names {kam!r} as its KAM yet: until one does, the key sees none")
        if known:
            say(f"leadline: KAMs with accounts are {_named(known)}")
    say(f"leadline: key {key.key_id}, role {role}, until {key.expires_at:%Y-%m-%d}")
    print(key.token)


def _owners(database: Database) -> list[dict[str, str]]:
    from services.api.principal import Principal
    from services.api.queries.tallies import account_owners

    with database.read() as connection:
        return account_owners(connection, Principal("", "admin"))


def _named(owners: list[dict[str, str]]) -> str:
    shown = ", ".join(f"{one['id']} ({one['name']})" for one in owners[:MOST_NAMED])
    more = len(owners) - MOST_NAMED
    return f"{shown} and {more} more" if more > 0 else shown


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the keys; tokens are not kept."""
    from services.api.keys import list_keys

    with open_database(settings_of()) as database:
        rows = [key._asdict() for key in list_keys(database)]
    for row in rows:
        for name in ("created_at", "expires_at", "revoked_at"):
            moment = row[name]
            row[name] = None if moment is None else moment.isoformat(timespec="seconds")
    if as_json:
        print_json([{name: row[name] for name in COLUMNS} for row in rows])
    else:
        print_table(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])


@app.command("revoke")
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """End a key at once."""
    from services.api.keys import revoke_key

    with open_database(settings_of()) as database:
        if not revoke_key(database, WallClock(), key_id):
            raise CommandError(f"no key {key_id} is in force; see `leadline keys list`")
    print(f"revoked {key_id}")
