"""The accounts: who there is, how much is known, who is responsible."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from services.signals.features.facts import DAY_MICROS
from shared.store.driver import driver_rows

_STATEMENT = """
SELECT a.id, a.account_id, a.name, a.tier, a.kam_id, a.kam_name, a.language,
  f.revision, f.first_event_at
FROM account a JOIN account_facts f ON f.account_id = a.id
"""


class KnownAccount(NamedTuple):
    """One account as it stands; `revision` tells whether its facts changed."""

    id: int
    account_id: str
    name: str | None
    tier: str | None
    kam_id: str | None
    kam_name: str | None
    language: str | None
    revision: int
    first_event_at: int  # microseconds

    @property
    def first_day(self) -> int:
        """Return the day of the first event."""
        return self.first_event_at // DAY_MICROS


def known_accounts(
    connection: Connection, ids: Sequence[int] | None = None
) -> tuple[KnownAccount, ...]:
    """Return the accounts in order of their external ids; all of them without `ids`.

    Row ids follow the order of arrival, and sums over accounts must not.
    """
    if ids is None:
        rows = driver_rows(connection, _STATEMENT)
    else:
        rows = driver_rows(connection, f"{_STATEMENT} WHERE a.id {{ids}}", ids)
    return tuple(sorted((KnownAccount(*row) for row in rows), key=lambda one: one.account_id))
