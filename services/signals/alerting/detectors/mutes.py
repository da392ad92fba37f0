"""Why a fall in bookings is no alarm: it is out of season.

The account's own cadence decides once it has 13 months: the same span a year ago was low
too (at most 60 % of the usual level, where at least 4 bookings would have been usual) and this
one is not much lower. Before that, and for feasts that move, the shipped table of seasons.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from services.signals.alerting.account import AccountView
from services.signals.alerting.detectors.seasons import season_of
from services.signals.features.facts import Facts, IntArray
from services.signals.features.lookup import business_of

YEAR, SAME_WEEKDAY = 366, 364
HISTORY_DAYS = 396
LOW_RATIO, MIN_EXPECTED = 0.60, 4.0
DEEPER = 0.5
MIN_SPAN, MAX_SPAN = 28, 92
MIN_YEAR_ROWS = 16
"""Bookings below which no span of up to 92 days can be usual enough to compare."""


class SeasonWatch:
    """Business per account and day, to compare a span with the same span a year ago."""

    def __init__(self, facts: Facts) -> None:
        self._day = facts.day
        self._account = facts.account
        self._seen = np.maximum(facts.day, facts.effect_day)
        self._business = business_of(facts).astype(np.float64)
        self._bounds = np.searchsorted(facts.account, np.arange(len(facts.account_ids) + 1))

    def explains(self, account: int, view: AccountView, day: int, silence: int) -> bool:
        """Return whether the account's silence (days) or fall is its season's as of `day`.

        A season comes every year: who was silent for all of one has left.
        """
        if silence > YEAR:
            return False
        season = season_of(view.calendar, day)
        start, end = self._bounds[account], self._bounds[account + 1]
        if season is None and end - start < MIN_YEAR_ROWS:
            return False
        rows = slice(int(start), int(end))
        known = self._seen[rows] < day
        age = (day - self._day[rows])[known]
        business = self._business[rows][known]
        if not age.size or int(age.max()) < HISTORY_DAYS:
            return season is not None
        if season is not None and season.moves:
            return True
        spans = {int(np.clip(silence, MIN_SPAN, MAX_SPAN)), 56, MAX_SPAN}
        return any(_is_usual(age, business, span) for span in sorted(spans))


def _is_usual(age: IntArray, demand: npt.NDArray[np.float64], span: int) -> bool:
    """Return whether the last `span` days were as low a year ago, of which all must be known."""
    if int(age.max()) < SAME_WEEKDAY + span:
        return False
    year = float(demand[(age > 0) & (age <= YEAR)].sum())
    usual = max(year, float(demand[(age > YEAR) & (age <= 2 * YEAR)].sum())) / YEAR * span
    if usual < MIN_EXPECTED:
        return False
    now = float(demand[age <= span].sum())
    then = float(demand[(age > SAME_WEEKDAY) & (age <= SAME_WEEKDAY + span)].sum())
    return then <= LOW_RATIO * usual and now <= LOW_RATIO * usual and now + 1 >= DEEPER * then
