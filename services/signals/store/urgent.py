"""Accounts of which something came that may open an alert at once: they go first.

Only a hint: what is overlooked here is dirty like any other account and waits for its turn.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from shared.domain.event_types import EventType
from shared.runtime.clock import Clock
from shared.store.tables import EvidenceRow

LOOKED_AT = 500
MISSING_KEPT = 500
PATIENCE_SECONDS = 5.0
_KINDS = frozenset({EventType.COMPLAINT.noun, EventType.CONTACT_CHANGE.noun})


class UrgentAccounts:
    """Remembers how far the evidence was read, and who is still to be looked at.

    Numbers are drawn before the commit, so a row may appear below one that was seen: missing
    numbers are asked for again for some seconds, then taken for rolled back.
    """

    def __init__(self, clock: Clock, within: timedelta) -> None:
        self._clock, self._within = clock, within
        self._seen: int | None = None
        self._missing: dict[int, float] = {}  # number to when it was missed
        self._waiting: dict[int, float] = {}  # account to when it was found

    def waiting(self, connection: Connection, now: datetime) -> list[int]:
        """Return accounts with evidence that came since, younger than `within`."""
        at = self._clock.monotonic()
        self._missing = _younger(self._missing, at)
        self._waiting = _younger(self._waiting, at)
        table = EvidenceRow
        if self._seen is None:  # what came before this process is no news
            self._seen = connection.scalar(select(func.max(table.seq))) or 0
            return []
        rows = connection.execute(
            select(table.seq, table.account_id, table.kind, table.time)
            .where(or_(table.seq > self._seen, table.seq.in_(list(self._missing))))
            .order_by(table.seq)
            .limit(LOOKED_AT)
        ).all()
        for row in rows:
            self._missing.pop(row.seq, None)
            if row.seq > self._seen:
                gap = range(max(self._seen + 1, row.seq - MISSING_KEPT), row.seq)
                self._missing.update(dict.fromkeys(gap, at))
                self._seen = row.seq
            if row.kind in _KINDS and row.time > now - self._within:
                self._waiting.setdefault(row.account_id, at)
        return list(self._waiting)

    def done(self, accounts: list[int]) -> None:
        """Forget accounts that were looked at since."""
        for account in accounts:
            self._waiting.pop(account, None)


def _younger(noted: dict[int, float], at: float) -> dict[int, float]:
    return {one: when for one, when in noted.items() if at - when < PATIENCE_SECONDS}
