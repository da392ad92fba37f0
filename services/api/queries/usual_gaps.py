"""The usual gap of each feed, reckoned anew where its hours have changed."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select

from shared.domain.event_types import EventType
from shared.domain.feeds import Pulse
from shared.store.tables import FeedHourRow


class _Known(NamedTuple):
    streamed_total: int
    last: int
    hours: int
    gap: float | None


class UsualGaps:
    """Remembers a figure per feed, as a feed's hours are its whole history and never pruned.

    Hours are added and never taken away: as many up to the same last one are the same ones. While
    no event was streamed they are not even counted.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], _Known] = {}

    def of(self, connection: Connection, feed: Any, last: int) -> float | None:
        """Return the 99 % gap in working hours as of the hour after `last`, in which it spoke."""
        key = (feed.source_id, feed.type_id)
        known = self._known.get(key)
        if known is None or known[:2] != (feed.streamed_total, last):
            known = _renewed(connection, feed, last, known)
            self._known[key] = known
        return known.gap


def _renewed(connection: Connection, feed: Any, last: int, known: _Known | None) -> _Known:
    row = FeedHourRow
    own = (row.source_id == feed.source_id, row.type_id == feed.type_id, row.hour <= last)
    if known is not None and known.last == last:
        count = connection.scalar(select(func.count()).select_from(row).where(*own))
        if count == known.hours:
            return known._replace(streamed_total=feed.streamed_total)
    hours = connection.scalars(select(row.hour).where(*own).order_by(row.hour)).all()
    pulse = Pulse(EventType(feed.type_id).noun, hours, feed.served)
    return _Known(feed.streamed_total, last, len(hours), pulse.usual_gap(last + 1))
