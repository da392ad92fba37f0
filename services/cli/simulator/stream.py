"""The whole forwarder as one stream in order of time; memory holds what is under way."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from services.cli.simulator.account import SimulatedAccount, Span, feed_ends
from services.cli.simulator.cast import profile
from services.cli.simulator.events import micros
from services.ingest.adapters import MappedEvent

DEFAULT_END = date(2026, 7, 1)
"""The first day without events: fixed, so that a seed always gives the same bytes."""
TRANSPORT = frozenset({"leadline.booking.v1", "leadline.milestone.v1"})


class Truth(NamedTuple):
    """What was decided about an account, whatever the data show."""

    account_id: str
    name: str
    story: str
    leaving_day: date | None


class Simulation:
    """A forwarder with `accounts` accounts over `months` months before `end`.

    Iterating gives the events in order of time, each time the same; afterwards `truth` says
    what was behind them.
    """

    def __init__(
        self, *, accounts: int = 60, months: int = 30, seed: int = 7, end: date = DEFAULT_END
    ) -> None:
        self.accounts, self.months, self.seed = accounts, months, seed
        self.span = Span(_months_before(end, months), end)
        self._cast: list[SimulatedAccount] = []

    def __iter__(self) -> Iterator[MappedEvent]:
        """Yield every event of the span."""
        cast = [
            SimulatedAccount(profile(n, self.seed), self.span, self.seed)
            for n in range(self.accounts)
        ]
        self._cast = cast
        limits = {
            each.profile.account_id: micros(feed_ends(each.profile, self.span)) for each in cast
        }
        last = micros(self.span.end)
        under_way: list[tuple[int, int, MappedEvent]] = []
        number = 0
        day = self.span.start
        while day < self.span.end:
            for each in cast:
                for event in each.day(day):
                    limit = limits[event.subject] if event.topic in TRANSPORT else last
                    if event.time < limit:
                        number += 1
                        heapq.heappush(under_way, (event.time, number, event))
            day += timedelta(days=1)
            # Local days reach into the next UTC day and begin in the one before.
            settled = micros(day) - 14 * 3_600_000_000
            while under_way and under_way[0][0] < settled:
                yield heapq.heappop(under_way)[2]
        while under_way:
            yield heapq.heappop(under_way)[2]

    def truth(self) -> Iterator[Truth]:
        """Yield what was decided about each account in the last run."""
        for each in self._cast:
            decided = each.fate.leaving_day
            yield Truth(
                each.profile.account_id,
                each.profile.name,
                each.profile.story.code if each.profile.story else "",
                None if decided is None else self.span.start + timedelta(days=decided),
            )


def _months_before(day: date, months: int) -> date:
    """Return the first day of the month that lies `months` before."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)
