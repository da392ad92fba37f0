"""Silent feeds and the accounts that hang on them; `shared.domain.feeds` says what silent is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from services.signals.features.facts import Facts, Feed
from services.signals.features.lookup import by_series, is_work
from services.signals.features.windows import WINDOW_DAYS
from shared.domain.feeds import BUSINESS, DAY_HOURS, Clock, Pulse, silent_pulses

__all__ = ["Clock", "FeedKey", "Feeds", "last_days_heard", "silent_feeds"]

FeedKey = tuple[str, str]  # source, type


class Feeds:
    """The feeds of the installation and the sources of the accounts' business."""

    def __init__(self, facts: Facts) -> None:
        self._n = len(facts.account_ids)
        self._pulses = _pulses(facts.feeds)
        self._first_hours = [(feed, int(feed.hours[0])) for feed in facts.feeds if feed.hours.size]
        self._imported = {feed.type for feed in facts.feeds if not feed.hours.size}
        sources = sorted({series.source for series in facts.series.values()})
        self._source_index = {source: at for at, source in enumerate(sources)}
        self._row_source = by_series(facts, lambda one: self._source_index[one.source])
        self._is_work = is_work(facts)
        self._account = facts.account
        self._day = facts.day
        self._seen = np.maximum(facts.day, facts.effect_day)

    def silent(self, day: int, clock: Clock, now_hour: int | None = None) -> set[FeedKey]:
        """Return the feeds that are silent as of `day`, or at `now_hour` where it is earlier."""
        return silent_pulses(self._pulses, _hour(day, now_hour), clock)

    def affected(
        self, day: int, silent: set[FeedKey]
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return (n,) bool: all business of the last 12 months came from silent feeds.

        That is the bookings of an account or, where it has none, its warehouse work.
        """
        bookings, work = (
            [self._source_index.get(source, -1) for source, kind in silent if kind == wanted]
            for wanted in BUSINESS
        )
        if not bookings and not work:
            return np.zeros(self._n, dtype=bool)
        rows = (self._seen < day) & (self._day >= day - WINDOW_DAYS[12])
        account, of_work = self._account[rows], self._is_work[rows]
        from_silent = np.isin(self._row_source[rows], bookings) & ~of_work
        from_silent |= np.isin(self._row_source[rows], work) & of_work
        booked = np.bincount(account[~of_work], minlength=self._n) > 0
        asked = ~of_work | ~booked[account]
        some = np.bincount(account[asked], minlength=self._n) > 0
        alive = np.bincount(account[asked & ~from_silent], minlength=self._n) > 0
        return some & ~alive

    def coverage(
        self,
        day: int,
        silent: set[FeedKey],
        affected: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Return (n,): share of the event types ever received whose feeds are not silent.

        A type is silent when it has feeds and all of them are; bookings are also silent for the
        accounts that are `affected`. Imported types count as received and are never silent.
        1.0 where nothing was received.
        """
        hour = day * DAY_HOURS
        live: dict[str, list[FeedKey]] = {}
        for feed, first in self._first_hours:
            if first < hour:
                live.setdefault(feed.type, []).append((feed.source, feed.type))
        received = live.keys() | self._imported
        if not received:
            return np.ones(self._n)
        quiet = {kind for kind, keys in live.items() if all(key in silent for key in keys)}
        missing = np.full(self._n, float(len(quiet - {"booking"})))
        missing += affected | ("booking" in quiet)
        return 1.0 - missing / len(received)


def silent_feeds(
    feeds: Sequence[Feed], day: int, clock: Clock, now_hour: int | None = None
) -> set[FeedKey]:
    """Return (source, type) of the feeds that are silent as of `day`."""
    return silent_pulses(_pulses(feeds), _hour(day, now_hour), clock)


def last_days_heard(feeds: Sequence[Feed], silent: Mapping[FeedKey, int], until: int) -> list[int]:
    """Return, in order, the last days before `until` as of which the feeds of business spoke.

    Of those that are `silent` now, with the last hour in which each did.
    """
    days = set()
    for feed in feeds:
        last = silent.get((feed.source, feed.type))
        if feed.type not in BUSINESS or last is None:
            continue
        pulse = Pulse(feed.type, feed.hours[feed.hours <= last].tolist(), feed.accounts_total)
        after = range(last // DAY_HOURS + 1, until)
        days.add(next((day for day in after if pulse.is_silent(day * DAY_HOURS)), until) - 1)
    return sorted(days)


def _pulses(feeds: Sequence[Feed]) -> dict[FeedKey, Pulse]:
    return {
        (feed.source, feed.type): Pulse(feed.type, feed.hours.tolist(), feed.accounts_total)
        for feed in feeds
        if feed.hours.size
    }


def _hour(day: int, now_hour: int | None) -> int:
    return day * DAY_HOURS if now_hour is None else min(now_hour, day * DAY_HOURS)
