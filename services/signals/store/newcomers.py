"""Accounts that have facts and no score yet: each is given a row to be claimed by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from services.signals.store.claims import UNSCORED, Among, within
from services.signals.store.rows import add
from services.signals.store.waiting import Waits, waits_anywhere
from shared.runtime.clock import Clock
from shared.store.base import EPOCH
from shared.store.tables import AccountFactsRow, AccountScoreRow

SWEEP_SECONDS = 5.0


class Newcomers:
    """Remembers up to which row id every account is known.

    Ids rise, so new accounts are found above the highest one. But they are drawn before the
    commit: one may appear below, and all are compared every few seconds. Comparing 20,000 takes
    the database 25 ms, which was more than all else that a look asks of it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._highest = 0
        self._swept_at: float | None = None

    def waits(self, connection: Connection, now: datetime) -> Waits:
        """Return what waits anywhere, newcomers among it."""
        after = self._after()
        waits, highest = waits_anywhere(connection, now, after)
        if not waits.fresh:
            self._end(after, highest)
        return waits

    def welcome(
        self,
        connection: Connection,
        due: Callable[[datetime], datetime],
        limit: int,
        among: Among = None,
    ) -> None:
        """Give new accounts, or those `among` them, a row.

        `due` says when an account is due for the first time, from its first event's time.
        """
        after = 0 if among is not None else self._after()
        highest = _highest(connection) if among is None and after == 0 else 0
        columns = (AccountFactsRow.account_id, AccountFactsRow.first_event_at)
        fresh = connection.execute(
            _fresh(columns, after)
            .where(within(AccountFactsRow.account_id, among))
            .order_by(AccountFactsRow.account_id)
            .limit(limit)
        ).all()
        rows = [
            {
                "account_id": account,
                "scored_revision": UNSCORED,
                "due_at": due(first_event_at),
                "as_of": EPOCH,
                "state": "insufficient_data",
                "coverage": 0.0,
                "reasons": [],
                "lost": False,
                "model_version": "",
            }
            for account, first_event_at in fresh
        ]
        add(connection, AccountScoreRow, rows, ["account_id"])
        if among is None:
            self._highest = max([self._highest, *(account for account, _ in fresh)])
            if len(fresh) < limit:
                self._end(after, highest)

    def _after(self) -> int:
        """Return the id after which to look: 0 when all are to be compared."""
        at = self._clock.monotonic()
        swept = self._swept_at is not None and at - self._swept_at < SWEEP_SECONDS
        return self._highest if swept else 0

    def _end(self, after: int, highest: int) -> None:
        """Note that all after this id are known; `highest` was read no later than they were."""
        if after == 0:
            self._swept_at = self._clock.monotonic()
            self._highest = max(self._highest, highest)


def _highest(connection: Connection) -> int:
    return connection.scalar(select(func.max(AccountFactsRow.account_id))) or 0


def _fresh(columns: Sequence[Any], after: int) -> Select[Any]:
    known = exists().where(AccountScoreRow.account_id == AccountFactsRow.account_id)
    return select(*columns).where(AccountFactsRow.account_id > after, ~known)
