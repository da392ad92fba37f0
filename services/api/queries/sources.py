"""Feeds: last event, usual gap, and since when silent."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Select, exists, func, literal, select

from services.api.paging import Page, Question, make_cursor, read_cursor
from services.api.queries.usual_gaps import UsualGaps
from shared.domain.event_types import EventType
from shared.domain.feeds import MIN_ACCOUNTS, Rhythm, judged, silent_pulses
from shared.store.base import to_micros
from shared.store.tables import FeedAccountRow, FeedHourRow, FeedRow, SourceRow

HOUR_MICROS = 3_600_000_000
SYNTHETIC = "/synthetic/"
_QUESTION = Question("sources")


def source_page(
    connection: Connection,
    page: Page,
    now: datetime,
    clock: Literal["wall", "event"],
    gaps: UsualGaps,
) -> dict[str, Any]:
    """Return one page of feeds, by source and type."""
    feeds = feed_health(connection, now, clock, gaps)
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
    connection: Connection, now: datetime, clock: Literal["wall", "event"], gaps: UsualGaps
) -> list[dict[str, Any]]:
    """Return every feed; imports of history are no feed and never silent."""
    hour = to_micros(now) // HOUR_MICROS
    feeds = connection.execute(_feeds(hour)).all()
    rhythms = {
        (feed.source_id, feed.type_id): Rhythm(
            feed.last,
            None if feed.last is None else gaps.of(connection, feed, feed.last),
            judged(EventType(feed.type_id).noun, feed.served),
        )
        for feed in feeds
    }
    silent = silent_pulses(rhythms, hour, clock)
    found = [_form(feed, rhythms[feed.source_id, feed.type_id].usual, silent) for feed in feeds]
    return sorted(found, key=lambda one: (one["source"], one["type"]))


def _feeds(hour: int) -> Select[Any]:
    """Return each feed with the last hour before this one in which it spoke.

    Of the accounts that it serves no more are counted than it takes to be judged.
    """
    feed, spoke, account = FeedRow, FeedHourRow, FeedAccountRow
    last = (
        select(func.max(spoke.hour))
        .where(spoke.source_id == feed.source_id, spoke.type_id == feed.type_id, spoke.hour < hour)
        .correlate(feed)
        .scalar_subquery()
    )
    few = (
        select(literal(1))
        .where(account.source_id == feed.source_id, account.type_id == feed.type_id)
        .correlate(feed)
        .limit(MIN_ACCOUNTS)
        .subquery()
    )
    served = select(func.count()).select_from(few).scalar_subquery()
    return select(feed.__table__, SourceRow.uri, last.label("last"), served.label("served")).join(
        SourceRow, SourceRow.id == feed.source_id
    )


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
