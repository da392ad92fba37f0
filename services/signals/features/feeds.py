"""Silent feeds: a source that stopped sending is not a customer who stopped booking.

Gaps are counted in working hours (Monday to Friday, UTC). A feed is silent after
max(1 day, 5 x its own 99 % gap) without an event, once it has served five accounts. Account master
data is a state, not a flow, and file imports are no feed: neither is ever silent. On the event
clock only another feed that is still alive proves that time went on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from services.signals.features.facts import Facts, Feed, IntArray
from services.signals.features.lookup import by_series
from services.signals.features.windows import WINDOW_DAYS

FeedKey = tuple[str, str]  # source, type
Clock = Literal["wall", "event"]
MIN_ACCOUNTS = 5
FLOWS = {"booking", "milestone", "warehouse"}
MIN_HOURS, MIN_HOURS_RARE = 10, 100
"""Distinct hours with events below which a feed has no usual gap: flows, and what happens rarely
(no complaint is not missing data, so many are needed before their absence says anything)."""
_DAY_HOURS = 24


def working_hours(hour: IntArray) -> IntArray:
    """Return the count of hours outside weekends since 1970 up to each hour (monotone)."""
    shifted = hour + 3 * _DAY_HOURS  # 1970-01-01 was a Thursday: weeks begin on Monday 1969-12-29
    week, within = np.divmod(shifted, 7 * _DAY_HOURS)
    return np.asarray(week * 5 * _DAY_HOURS + np.minimum(within, 5 * _DAY_HOURS))


class _Pulse(NamedTuple):
    key: FeedKey
    hours: IntArray
    working: IntArray
    gaps: IntArray
    judged: bool  # may be called silent


class Feeds:
    """The feeds of the installation and the sources of the accounts' bookings."""

    def __init__(self, facts: Facts) -> None:
        self._n = len(facts.account_ids)
        self._pulses = [_pulse(feed) for feed in facts.feeds if feed.hours.size]
        self._first_hours = [(feed, int(feed.hours[0])) for feed in facts.feeds if feed.hours.size]
        self._imported = {feed.type for feed in facts.feeds if not feed.hours.size}
        sources = sorted({series.source for series in facts.series.values()})
        self._source_index = {source: at for at, source in enumerate(sources)}
        self._row_source = by_series(facts, lambda one: self._source_index[one.source])
        self._account = facts.account
        self._day = facts.day
        self._seen = np.maximum(facts.day, facts.effect_day)

    def silent(self, day: int, clock: Clock, now_hour: int | None = None) -> set[FeedKey]:
        """Return the feeds that are silent as of `day`, or at `now_hour` where it is earlier."""
        hour = day * _DAY_HOURS if now_hour is None else min(now_hour, day * _DAY_HOURS)
        quiet = {pulse.key: _is_silent(pulse, hour) for pulse in self._pulses}
        alive = any(not is_quiet for is_quiet in quiet.values() if is_quiet is not None)
        if clock == "event" and not alive:
            return set()
        return {key for key, is_quiet in quiet.items() if is_quiet}

    def affected(
        self, day: int, silent: set[FeedKey]
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Return (n,) bool: all bookings of the last 12 months came from silent feeds."""
        quiet = [self._source_index.get(source, -1) for source, kind in silent if kind == "booking"]
        if not quiet:
            return np.zeros(self._n, dtype=bool)
        rows = (self._seen < day) & (self._day >= day - WINDOW_DAYS[12])
        account = self._account[rows]
        from_silent = np.isin(self._row_source[rows], quiet)
        some = np.bincount(account, minlength=self._n) > 0
        alive = np.bincount(account[~from_silent], minlength=self._n) > 0
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
        hour = day * _DAY_HOURS
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
    hour = day * _DAY_HOURS if now_hour is None else min(now_hour, day * _DAY_HOURS)
    quiet = {(feed.source, feed.type): _is_silent(_pulse(feed), hour) for feed in feeds}
    alive = any(not is_quiet for is_quiet in quiet.values() if is_quiet is not None)
    if clock == "event" and not alive:
        return set()
    return {key for key, is_quiet in quiet.items() if is_quiet}


def _pulse(feed: Feed) -> _Pulse:
    working = working_hours(feed.hours)
    judged = feed.accounts_total >= MIN_ACCOUNTS and feed.type != "account"
    return _Pulse((feed.source, feed.type), feed.hours, working, np.diff(working), judged)


def _is_silent(pulse: _Pulse, hour: int) -> bool | None:
    """Return whether a feed is silent at `hour`; None when it cannot be told."""
    seen = int(np.searchsorted(pulse.hours, hour))
    if not seen:
        return None
    silence = int(working_hours(np.array(hour))) - int(pulse.working[seen - 1])
    if seen < (MIN_HOURS if pulse.key[1] in FLOWS else MIN_HOURS_RARE):
        return None if silence > _DAY_HOURS else False
    if silence <= _DAY_HOURS:
        return False
    usual = float(np.quantile(pulse.gaps[: seen - 1], 0.99))
    is_silent = silence > max(_DAY_HOURS, 5 * usual)
    return is_silent if pulse.judged else (None if is_silent else False)
