"""What explains a risk, so that no churn-risk alert stands: a hold, a season, a silent feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from services.api.queries.alert_state import ONGOING
from shared.domain.alerts import MERGED
from shared.domain.event_types import EventType
from shared.domain.feeds import BUSINESS, speaks
from shared.domain.holds import HELD_STATUSES, hold_of
from shared.domain.merges import Merge
from shared.store.base import to_micros
from shared.store.tables import (
    AccountRow,
    AccountScoreRow,
    AlertRow,
    EvidenceRow,
    FeedAccountRow,
    FeedRow,
    SourceRow,
)

_TOLD = frozenset({"hold", "project_end", MERGED})
"""What an account event tells."""
_IN_ORDER = itemgetter(0, 1, 2)
"""As every fold has them: PostgreSQL would order texts as its locale does."""
_OF_BUSINESS = [int(kind) for kind in EventType if kind.noun in BUSINESS]
HOUR_MICROS = 3_600_000_000
IN_SEASON: ColumnElement[bool] = AccountRow.id.in_(
    select(AlertRow.account_id).where(
        AlertRow.type == "churn_risk",
        AlertRow.suppressed_reason == "season",
        ONGOING,
    )
)
"""Whether the account's churn-risk alert is muted by its season."""
IS_EXPLAINED: ColumnElement[bool] = or_(
    func.coalesce(AccountScoreRow.state == "no_data", False),
    func.coalesce(AccountRow.status.in_(HELD_STATUSES), False),
    IN_SEASON,
    # Gone into another: one whose merge took no effect has a score of its own.
    and_(AccountRow.merged_into.is_not(None), AccountScoreRow.risk.is_(None)),
)


def explanations(
    connection: Connection, rows: Sequence[Any], merges: Mapping[str, Merge | None]
) -> dict[int, dict[str, Any] | None]:
    """Return reason and since when, by account (row id); None where nothing explains the risk.

    The first that holds counts, in the order in which alerts are muted. `merges` has, by account
    id, where the merged among them went.
    """
    found = {row.row_id: _reason(row, merges.get(row.account_id)) for row in rows}
    silent = {row.row_id: row.as_of for row in rows if found[row.row_id] == "no_data"}
    told = {one: reason for one, reason in found.items() if reason in _TOLD}
    since = _silent_since(connection, silent) | _told_since(connection, told)
    return {
        one: {"reason": reason, "since": since.get(one)} if reason else None
        for one, reason in found.items()
    }


def _reason(row: Any, merge: Merge | None) -> str | None:
    if row.state == "no_data":
        return "no_data"
    if held := hold_of(row.status, row.hold_reason):
        return held
    if merge is not None and merge.fault is None:
        return MERGED
    return "season" if row.in_season else None


def _silent_since(connection: Connection, accounts: Mapping[int, datetime]) -> dict[int, datetime]:
    """Return the last event of the feeds that served each account and are quiet now.

    Of its bookings or, where none ever came, of its warehouse work.
    """
    if not accounts:
        return {}
    feed, served = FeedRow, FeedAccountRow
    rows = connection.execute(
        select(served.account_id, feed.type_id, feed.last_event_at)
        .join(feed, (feed.source_id == served.source_id) & (feed.type_id == served.type_id))
        .where(
            feed.type_id.in_(_OF_BUSINESS),
            feed.streamed_total > 0,
            served.account_id.in_(list(accounts)),
        )
    )
    found: dict[int, tuple[bool, datetime]] = {}
    for account, kind, last in rows:
        if not speaks(_hour(last), _hour(accounts[account])):
            told = kind == EventType.BOOKING, last
            found[account] = max(told, found.get(account, told))
    return {account: last for account, (_, last) in found.items()}


def _hour(moment: datetime) -> int:
    return to_micros(moment) // HOUR_MICROS


def _told_since(connection: Connection, accounts: Mapping[int, str]) -> dict[int, datetime]:
    """Return since when its account events, in their order, tell what explains each account."""
    if not accounts:
        return {}
    fact = EvidenceRow
    rows = connection.execute(
        select(fact.time, SourceRow.uri, fact.event_id, fact.account_id, fact.data)
        .join(SourceRow, SourceRow.id == fact.source_id)
        .where(fact.account_id.in_(list(accounts)), fact.kind == EventType.ACCOUNT.noun)
    )
    told: dict[int, list[tuple[datetime, Mapping[str, Any]]]] = {}
    for at, _, _, account, data in sorted(rows, key=_IN_ORDER):
        told.setdefault(account, []).append((at, data))
    began = {
        account: _began(events, merged=accounts[account] == MERGED)
        for account, events in told.items()
    }
    return {account: at for account, at in began.items() if at is not None}


def _began(
    events: Iterable[tuple[datetime, Mapping[str, Any]]], *, merged: bool
) -> datetime | None:
    """Return when the hold, or the merge, that the last event leaves began; None for none."""
    status = reason = into = hold = began = None
    for at, data in events:
        status, reason = data.get("status", status), data.get("hold_reason", reason)
        into = data.get("merged_into", into)
        now = into if merged else hold_of(status, reason)
        if now != hold:
            hold, began = now, at if now else None
    return began
