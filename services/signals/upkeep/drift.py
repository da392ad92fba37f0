"""Is the world still the one that the model knows? Measured from facts alone; pure."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.signals.features.dropout import (
    DropoutParams,
    alive_probability,
    silence_probability,
)
from services.signals.features.facts import Facts, IntArray
from services.signals.features.history import DemandDays, FloatArray, History
from services.signals.features.matrix import frequency
from services.signals.features.windows import MONTH_DAYS, WINDOW_DAYS

FOUR_WEEKS = 28
MIN_PERIODS = 3
PSI_RATIOS = ("recency_mean", "recency_median", "recency_max")
REFERENCE_MONTHS = range(3, 15)
"""Months back that today's ratios are compared with: long enough ago, and each season once."""
PSI_BINS = 10
MIN_ACCOUNTS = 20


class Drift(NamedTuple):
    """None where too little is known."""

    market_volume_ratio: float | None  # bookings of the last 4 weeks over the usual
    silence_predicted: float | None  # share of accounts expected to be silent for the last month
    silence_realised: float | None  # share that was
    psi: dict[str, float]  # by recency ratio


def drift(facts: Facts, params: DropoutParams, day: int) -> Drift:
    """Return how the population of `facts` looks as of `day` against its own past."""
    demand = DemandDays(facts)
    predicted, realised = silence(demand, params, day)
    return Drift(market_volume(facts, day), predicted, realised, recency_psi(demand, day))


def silence(
    demand: DemandDays, params: DropoutParams, day: int
) -> tuple[float, float] | tuple[None, None]:
    """Return the share of accounts that BG/NBD expected to be silent last month, and that was."""
    length = WINDOW_DAYS[1]
    before, now = demand.span(day - length), demand.span(day)
    known = (before.n_days >= 3) & (before.day - before.last <= WINDOW_DAYS[6])
    if known.sum() < MIN_ACCOUNTS:
        return None, None
    seen = frequency(before)
    alive = alive_probability(params, seen)
    expected = silence_probability(params, seen, alive, length / MONTH_DAYS)[known]
    return float(expected.mean()), float((day - now.last[known] > length).mean())


def market_volume(facts: Facts, day: int) -> float | None:
    """Return the bookings of the last 4 weeks over the mean of the 4-week periods of a year."""
    visible = (facts.day < day) & (facts.effect_day < day) & (facts.day >= day - 14 * FOUR_WEEKS)
    if not visible.any():
        return None
    period = (day - 1 - facts.day[visible]) // FOUR_WEEKS
    counts = np.bincount(period, weights=facts.sums["business"][visible], minlength=14)
    first = int((day - 1 - facts.day[visible].min()) // FOUR_WEEKS)
    usual = counts[1 : min(first, 14)]  # the oldest period may have begun in its middle
    if usual.size < MIN_PERIODS or usual.mean() <= 0:
        return None
    return float(counts[0] / usual.mean())


def recency_psi(demand: DemandDays, day: int) -> dict[str, float]:
    """Return the population stability index of each recency ratio; empty while few are known."""
    now = _ratios(demand.as_of(day))
    past = [_ratios(demand.as_of(day - round(back * MONTH_DAYS))) for back in REFERENCE_MONTHS]
    before = {name: np.concatenate([one[name] for one in past]) for name in PSI_RATIOS}
    return {
        name: psi(before[name], now[name])
        for name in PSI_RATIOS
        if min(before[name].size, now[name].size) >= MIN_ACCOUNTS
    }


def psi(before: FloatArray, now: FloatArray) -> float:
    """Return the population stability index over deciles of `before`.

    Under 0.1 nothing happened; over 0.25 the population is another one. Half an account is added
    to each bin, so that an empty one is no infinity, and what chance alone gives so few accounts
    is taken off.
    """
    edges = np.unique(np.quantile(before, np.linspace(0, 1, PSI_BINS + 1)[1:-1]))
    old, new = (_shares(edges, values) for values in (before, now))
    by_chance = edges.size * (1 / before.size + 1 / now.size)
    return max(0.0, float(((new - old) * np.log(new / old)).sum()) - by_chance)


def _shares(edges: FloatArray, values: FloatArray) -> FloatArray:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=edges.size + 1)
    smoothed = counts + 0.5
    return np.asarray(smoothed / smoothed.sum())


def _ratios(past: History) -> dict[str, FloatArray]:
    known = (past.n_days >= 3) & (past.recency <= WINDOW_DAYS[6])
    silence = past.recency[known] + 0.5
    gaps = (past.mean_gap, past.median_gap, past.max_gap)
    return {
        name: np.asarray(silence / (gap[known] + 1.0))
        for name, gap in zip(PSI_RATIOS, gaps, strict=True)
    }


def stayed_silent(demand: DemandDays, day: int, accounts: IntArray, starts: IntArray) -> FloatArray:
    """Return (m,) 1.0 where the account had no demand in the 3 calendar months from its start.

    `accounts` are indices, `starts` month starts as days; all windows end by `day`.
    """
    past = demand.as_of(day)
    span = 1 << 22
    owner = np.repeat(np.arange(past.n_days.size), past.n_days)
    keys = owner * span + past.days
    ends = (
        (starts.astype("datetime64[D]").astype("datetime64[M]") + 3)
        .astype("datetime64[D]")
        .astype(np.int64)
    )
    first = np.searchsorted(keys, accounts * span + starts)
    return np.asarray(first == np.searchsorted(keys, accounts * span + ends), dtype=np.float64)
