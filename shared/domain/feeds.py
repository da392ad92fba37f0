"""When a feed is silent: a source that stopped sending is not a customer who stopped booking.

Standard library only; hours since 1970, of which working ones count (Monday to Friday, UTC). A
feed is silent after max(1 day, 5 x its own 99 % gap) without an event, once it has served enough
accounts. Account master data is a state, not a flow, and file imports have no hours: neither is
ever silent. On the event clock only another feed that is still alive proves that time went on.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple, Protocol, TypeVar

Key = TypeVar("Key")
Clock = Literal["wall", "event"]

MIN_ACCOUNTS = 5
BUSINESS = ("booking", "warehouse")
"""Types without which nobody knows whether a customer stopped."""
FLOWS = frozenset({"booking", "milestone", "warehouse"})
MIN_HOURS, MIN_HOURS_RARE = 10, 100
"""Distinct hours with events below which a feed has no usual gap: flows, and what happens rarely
(no complaint is not missing data, so many are needed before their absence says anything)."""
DAY_HOURS = 24
STALE_IMPORT_DAYS = 7
"""A week holds every weekday once: whoever books weekly would be in a file that ends today."""


def working_hours(hour: int) -> int:
    """Return the hours outside weekends up to `hour`, counted from a Monday before 1970."""
    week, within = divmod(hour + 3 * DAY_HOURS, 7 * DAY_HOURS)
    return week * 5 * DAY_HOURS + min(within, 5 * DAY_HOURS)


def speaks(last: int, hour: int) -> bool:
    """Tell whether a feed heard of in the hour `last` is alive as of `hour`, whatever its gaps."""
    return working_hours(hour) - working_hours(last) <= DAY_HOURS


def judged(kind: str, accounts_total: int) -> bool:
    """Tell whether a feed of this kind (the event's noun) and size is ever called silent."""
    return accounts_total >= MIN_ACCOUNTS and kind != "account"


class Heard(Protocol):
    """A feed that can be asked whether it is silent."""

    def is_silent(self, hour: int) -> bool | None:
        """Return whether the feed is silent as of `hour`; None when that cannot be told."""
        ...


class Rhythm(NamedTuple):
    """What one feed is judged by: the last hour in which it spoke, and its usual gap by then."""

    last: int | None
    usual: float | None
    judged: bool

    def is_silent(self, hour: int) -> bool | None:
        """Return whether the feed is silent as of `hour`; None when that cannot be told."""
        if self.last is None:
            return None
        if speaks(self.last, hour):
            return False
        if self.usual is None:
            return None
        if working_hours(hour) - working_hours(self.last) <= 5 * self.usual:
            return False
        return True if self.judged else None


class Pulse:
    """The hours in which one feed spoke, ascending and distinct; `kind` is the event's noun.

    As of an hour means: from the hours before it. Quick when asked with growing hours, and while
    the feed speaks: its gaps are not looked at before it has been quiet for a day.
    """

    def __init__(self, kind: str, hours: Sequence[int], accounts_total: int) -> None:
        self._hours = hours
        self._gaps: list[int] | None = None
        self._sorted: list[int] = []  # the gaps as of the last question
        self._judged = judged(kind, accounts_total)
        self._enough = MIN_HOURS if kind in FLOWS else MIN_HOURS_RARE

    def is_silent(self, hour: int) -> bool | None:
        """Return whether the feed is silent as of `hour`; None when that cannot be told."""
        seen = bisect_left(self._hours, hour)
        if not seen:
            return None
        last = self._hours[seen - 1]
        if speaks(last, hour):
            return False
        return Rhythm(last, self.usual_gap(hour), self._judged).is_silent(hour)

    def usual_gap(self, hour: int) -> float | None:
        """Return the 99 % gap as of `hour` in working hours; None for too few hours."""
        seen = bisect_left(self._hours, hour)
        return self._quantile(seen - 1) if seen >= self._enough else None

    def _quantile(self, count: int) -> float:
        """Return the 99 % quantile of the first gaps, linear between ranks."""
        if self._gaps is None:
            working = map(working_hours, self._hours)
            self._gaps = [later - earlier for earlier, later in pairwise(working)]
        if count < len(self._sorted):
            self._sorted = []
        for gap in self._gaps[len(self._sorted) : count]:
            insort(self._sorted, gap)
        place = 0.99 * (count - 1)
        low = int(place)
        below, above = self._sorted[low], self._sorted[min(low + 1, count - 1)]
        return below + (above - below) * (place - low)


def silent_pulses(pulses: Mapping[Key, Heard], hour: int, clock: Clock) -> set[Key]:
    """Return the keys of the feeds that are silent as of `hour`."""
    quiet = {key: pulse.is_silent(hour) for key, pulse in pulses.items()}
    if clock == "event" and False not in quiet.values():
        return set()
    return {key for key, is_quiet in quiet.items() if is_quiet}
