"""Feeds: last event, usual gap, and since when silent."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, exists, func, select

from services.api.paging import Page, Question, make_cursor, read_cursor
from shared.domain.event_types import EventType
from shared.domain.feeds import Pulse, silent_pulses
from shared.store.base import to_micros
from shared.store.tables import FeedAccountRow, FeedHourRow, FeedRow, SourceRow

HOUR_MICROS = 3_600_000_000
SYNTHETIC = "/synthetic/"
_QUESTION = Question("sources")


def source_page(
    connection: Connection, page: Page, now: datetime, clock: Literal["wall", "event"]
) -> dict[str, Any]:
    """Return one page of feeds, by source and type."""
    feeds = feed_health(connection, now, clock)
    after = read_cursor(page.cursor, _QUESTION, (str, str))
    if after is not None:
        feeds = [one for one in feeds if [one["source"], one["type"]] > after]
    kept = feeds[: page.limit]
    more = len(feeds) > page.limit
    last = kept[-1] if more else None
    return {
        "items": kept,
        "next_cursor": last and make_cursor(_QUESTION, last["source"], last["type"]),
    }


def feed_health(
    connection: Connection, now: datetime, clock: Literal["wall", "event"]
) -> list[dict[str, Any]]:
    """Return every feed; imports of history are no feed and never silent."""
    hours: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    row = FeedHourRow
    for source, kind, hour in connection.execute(
        select(row.source_id, row.type_id, row.hour).order_by(row.hour)
    ):
        hours[source, kind].append(hour)
    served = (
        select(func.count())
        .select_from(FeedAccountRow)
        .where(
            FeedAccountRow.source_id == FeedRow.source_id,
            FeedAccountRow.type_id == FeedRow.type_id,
        )
        .scalar_subquery()
    )
    feeds = connection.execute(
        select(FeedRow.__table__, SourceRow.uri, served.label("served")).join(
            SourceRow, SourceRow.id == FeedRow.source_id
        )
    ).all()
    hour = to_micros(now) // HOUR_MICROS
    pulses = {
        (feed.source_id, feed.type_id): Pulse(
            EventType(feed.type_id).noun, hours[feed.source_id, feed.type_id], feed.served
        )
        for feed in feeds
    }
    silent = silent_pulses(pulses, hour, clock)
    found = [
        _form(feed, pulses[feed.source_id, feed.type_id].usual_gap(hour), silent) for feed in feeds
    ]
    return sorted(found, key=lambda one: (one["source"], one["type"]))


def has_synthetic(connection: Connection) -> bool:
    """Return whether any data here is made up."""
    return bool(
        connection.scalar(
            select(exists().where(SourceRow.uri.startswith(SYNTHETIC, autoescape=True)))
        )
    )


def _form(feed: Any, gap: float | None, silent: set[tuple[int, int]]) -> dict[str, Any]:
    is_silent = (feed.source_id, feed.type_id) in silent
    return {
        "source": feed.uri,
        "type": EventType(feed.type_id).topic,
        "last_event_at": feed.last_event_at,
        "usual_gap_seconds": None if gap is None else int(gap * 3600),
        "silent_since": feed.last_event_at if is_silent else None,
        "imported": feed.streamed_total == 0,
    }
