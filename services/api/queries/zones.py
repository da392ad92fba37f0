"""The clocks by which people of an account live."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from shared.store.tables import AccountRow


def zone_names(connection: Connection, account_ids: Sequence[str]) -> dict[str, str | None]:
    """Return the name of each account's time zone as it was sent; None where there is none."""
    rows = connection.execute(
        select(AccountRow.account_id, AccountRow.time_zone).where(
            AccountRow.account_id.in_(account_ids)
        )
    )
    return {row.account_id: row.time_zone for row in rows}
