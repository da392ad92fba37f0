"""The clocks by which people of an account live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from sqlalchemy import Connection, select

from shared.domain.zones import known_zone, zone_of
from shared.store.tables import AccountRow


def account_zones(connection: Connection, account_ids: Sequence[str]) -> dict[str, tzinfo]:
    """Return the time zone of each account; UTC where it has none, or one that nobody knows."""
    rows = connection.execute(
        select(AccountRow.account_id, AccountRow.time_zone).where(
            AccountRow.account_id.in_(account_ids)
        )
    )
    return {account_id: zone_of(name) for account_id, name in rows}


def unknown_zone(connection: Connection, account_id: str) -> str | None:
    """Return the name that an account's time zone has where nobody knows it, else None."""
    name = connection.scalar(
        select(AccountRow.time_zone).where(AccountRow.account_id == account_id)
    )
    return name if name and known_zone(name) is None else None
