"""A shock of the whole market, and the repair of everybody's risk while it lasts.

Each month start looks one month back: what share of the accounts known then stayed silent, and what
share does BG/NBD expect? The difference in log-odds has a usual level (the model's own bias, and
the market's habits). Two months running far off it, and off the same month a year before, are a
shock; part of the smaller of the two is then added to everybody's log-odds.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum
from typing import NamedTuple

import numpy as np

from services.signals.features.dropout import (
    DropoutParams,
    alive_probability,
    silence_probability,
)
from services.signals.features.history import Span
from services.signals.features.matrix import frequency
from services.signals.features.windows import MONTH_DAYS, WINDOW_DAYS

MIN_ACCOUNTS = 20
MIN_MONTHS = 6
MARKET_MONTHS = 14
"""As many as a shift is told from: a year of habit before each of the last two."""
FAR = 1.5
"""Standard deviations; two months running, in one direction."""
SHARE = 0.6
"""A month's silence foretells less than three: the whole of it made the risks worse on the public
transport set, this share made them better."""


class MarketMonth(NamedTuple):
    """One month: how silence came out against expectation."""

    day: int  # the month's end
    predicted: float
    realised: float
    accounts: int

    @property
    def offset(self) -> float:
        """Return realised less predicted, in log-odds."""
        return self._logit(self._smoothed) - self._logit(self.predicted)

    @property
    def noise(self) -> float:
        """Return the chance error of the offset."""
        p = self._smoothed
        return float(1.0 / np.sqrt(p * (1.0 - p) * (self.accounts + 1)))

    @property
    def _smoothed(self) -> float:
        return (self.realised * self.accounts + 0.5) / (self.accounts + 1)

    @staticmethod
    def _logit(p: float) -> float:
        p = min(max(p, 1e-4), 1 - 1e-4)
        return float(np.log(p) - np.log1p(-p))


def market_month(before: Span, now: Span, params: DropoutParams) -> MarketMonth | None:
    """Return the time from `before` to `now`; None while too few accounts are known."""
    known = (before.n_days >= 3) & (before.day - before.last <= WINDOW_DAYS[6])
    accounts, length = int(known.sum()), now.day - before.day
    if accounts < MIN_ACCOUNTS:
        return None
    seen = frequency(before)
    alive = alive_probability(params, seen)
    silent = silence_probability(params, seen, alive, length / MONTH_DAYS)[known]
    # fsum: the order of the accounts must not show in the last digit.
    predicted = fsum(silent.tolist()) / accounts
    realised = float((now.day - now.last[known] > length).mean())
    return MarketMonth(now.day, predicted, realised, accounts)


def market_shift(months: Sequence[MarketMonth]) -> float:
    """Return the log-odds to add to everybody's risk after these months, oldest first; mostly 0."""
    now, before = excess(months), excess(months[:-1])
    if now is None or before is None or now[0] * before[0] <= 0:
        return 0.0
    if min(abs(now[0]) / now[1], abs(before[0]) / before[1]) < FAR:
        return 0.0
    return SHARE * min(now[0], before[0], key=abs)


def excess(months: Sequence[MarketMonth]) -> tuple[float, float] | None:
    """Return by how much the last month is off its usual level, and the noise of that."""
    if not months:
        return None
    last, past = months[-1], months[-13:-1]
    if len(past) < MIN_MONTHS:
        return None
    offsets = np.array([one.offset for one in past])
    usual = float(np.median(offsets))
    spread = 1.4826 * float(np.median(np.abs(offsets - usual)))
    off = last.offset - usual
    same = next((one for one in months[:-1] if 350 <= last.day - one.day <= 380), None)
    if same is not None:
        off_season = last.offset - same.offset
        off = 0.0 if off * off_season <= 0 else min(off, off_season, key=abs)
    return off, float(np.hypot(spread, last.noise))
