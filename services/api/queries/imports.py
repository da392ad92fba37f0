"""How old the newest fact is where bookings came by file alone: a file has no silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, func, select

from shared.domain.event_types import EventType
from shared.domain.feeds import STALE_IMPORT_DAYS
from shared.store.tables import FeedAccountRow, FeedRow

STALE = timedelta(days=STALE_IMPORT_DAYS)


def stale_import(
    connection: Connection, wall: datetime | None, accounts: Sequence[int] | None = None
) -> datetime | None:
    """Return the last booking event of the files; None where it is fresh, or not by file alone.

    Of these accounts' (row ids) sources, else of all. What looks like silence since then is the
    files' end. `wall` is the present; None on the event clock, where time ends with the facts.
    """
    if wall is None:
        return None
    feed, served = FeedRow, FeedAccountRow
    query = select(func.sum(feed.streamed_total), func.max(feed.last_event_at)).where(
        feed.type_id == int(EventType.BOOKING)
    )
    if accounts is not None:
        query = query.where(
            exists().where(
                served.source_id == feed.source_id,
                served.type_id == feed.type_id,
                served.account_id.in_(accounts),
            )
        )
    streamed, last = connection.execute(query).one()
    by_file = streamed == 0 and last is not None
    return last if by_file and wall - last > STALE else None
