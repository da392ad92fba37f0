"""What the wall clock works out from the whole book, of which each of its looks sees a part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.signals.alerting.detectors.market import MarketTally
from services.signals.features.facts import Facts
from services.signals.scoring.population import fit_day
from services.signals.store.market import (
    Fallen,
    book_ids,
    days_without,
    last_fitted,
    load_bookings,
    put_market,
)
from services.signals.store.population import make_fits
from services.signals.worker.pace import Pace
from services.signals.worker.scene import Scenes, judged_days, scored_days
from services.signals.worker.stage import Tools

CHUNKS = 2
"""A part of the pass has so many accounts for each one of a chunk: it reads bookings alone.

What is urgent waits for it: 125 accounts with 100 bookings each take 0.15 s of a core."""


class WholeBook:
    """The fits and the market of a process: made anew by any, read by all.

    The market of a day is made before anybody's day is judged by it, in parts between which goes
    what is urgent, but for those who are due: their days go before their present.
    """

    def __init__(self, tools: Tools, scenes: Scenes, pace: Pace) -> None:
        self._tools, self._scenes, self._pace = tools, scenes, pace
        self._pass: _Pass | None = None
        self._again = False

    def fit(self, months: Sequence[int]) -> bool:
        """Fit the population of these months; the market is told anew beside it."""
        with self._pace.fit():
            make_fits(self._tools.database, self._tools.clock, months)
        self._scenes.forget_fits()
        self._pass, self._again = None, True
        return True

    def refit(self, today: int) -> bool:
        """Fit again where late facts changed the past of many; False where they did not."""
        return self._scenes.moved.many and self.fit(
            sorted({fit_day(day) for day in scored_days(today)})
        )

    def prepare(self, today: int) -> bool:
        """Do a part of what days up to `today` are judged by; False when all of it stands."""
        # What came with history changed the level of all: no day is judged by the old one.
        if not self._pace.fitting_rests() and self.refit(today):
            return True
        return self.tell_market(today)

    def stands(self, connection: Connection, today: int) -> bool:
        """Return whether the market of all days that may be judged today is kept."""
        return not self._again and not self._wanted(connection, today)

    def tell_market(self, today: int) -> bool:
        """Count a part of the accounts for the days that lack their market; False for none."""
        with self._tools.database.read() as connection:
            wanted = self._wanted(connection, today)
            if not wanted:
                self._pass = None
                return False
            # One that another process outdates is ended: where many fit, none would come to an end.
            if self._pass is None or self._pass.days != wanted[0]:
                self._pass = _Pass(*wanted, book_ids(connection))
        with self._pace.fit():
            self._count(self._pass)
        if self._pass.is_over:
            with self._tools.database.write() as connection:
                oldest = judged_days(today)[0]
                put_market(connection, self._pass.fallen(), self._pass.fitted_at, oldest=oldest)
            self._pass, self._again = None, False
        return True

    def _count(self, one: _Pass) -> None:
        block = one.block(CHUNKS * self._pace.chunk())
        if block:
            with self._tools.database.read() as connection:
                facts = load_bookings(connection, block, one.days)
            one.count(facts)
        self._pace.done(len(block) // CHUNKS)

    def _wanted(self, connection: Connection, today: int) -> tuple[list[int], datetime] | None:
        """Return the days that lack their market, and the fit beside which it is told.

        Who fits tells the market anew; another process only if that one did not, after a rest.
        """
        days = judged_days(today)
        fitted_at = last_fitted(connection, days)
        if fitted_at is None:
            return None
        beside = None if self._pace.fitting_rests() else fitted_at
        lacking = list(days) if self._again else days_without(connection, days, beside)
        return (lacking, fitted_at) if lacking else None


class _Pass:
    """One pass over the accounts known as it began."""

    def __init__(self, days: list[int], fitted_at: datetime, accounts: list[int]) -> None:
        self.days, self.fitted_at, self._accounts = days, fitted_at, accounts
        self._tally, self._counted = MarketTally(days), 0

    def block(self, limit: int) -> list[int]:
        """Return the next accounts, at most so many."""
        return self._accounts[self._counted : self._counted + limit]

    def count(self, facts: Facts) -> None:
        """Count the accounts of a block."""
        self._tally.add(facts)
        self._counted += len(facts.account_ids)

    @property
    def is_over(self) -> bool:
        return self._counted >= len(self._accounts)

    def fallen(self) -> Fallen:
        """Return the lanes that fell as of each day."""
        return self._tally.fallen()
