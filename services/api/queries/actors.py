"""Who has acted, as people know them: a KAM's name, else the role of a key."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from shared.store.tables import AccountRow, ApiKeyRow


class Actors(NamedTuple):
    """Names of KAMs by their ids, and roles of keys by theirs."""

    names: dict[str, str]
    roles: dict[str, str]


def known_actors(connection: Connection, ids: Collection[str | None]) -> Actors:
    """Return what is known of those who acted; an account names its KAM."""
    account, key = AccountRow, ApiKeyRow
    names = connection.execute(
        select(account.kam_id, func.max(account.kam_name))
        .where(account.kam_id.in_(ids), account.kam_name.is_not(None))
        .group_by(account.kam_id)
    )
    roles = connection.execute(select(key.key_id, key.role).where(key.key_id.in_(ids)))
    return Actors(
        {str(ident): str(name) for ident, name in names}, {row.key_id: row.role for row in roles}
    )
