"""What is fitted to a whole population, month by month: drop-out and the market's level.

A fit is a function of what was booked before its month's first day, and of nothing else: not of
when it is made, nor of the fit before it, nor of the order of the accounts. So scores that lived
through anything equal those that are made again from the start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from services.signals.features.dropout import DropoutParams, Frequency
from services.signals.features.facts import IntArray
from services.signals.features.history import DemandDays, Span
from services.signals.features.matrix import frequency
from services.signals.hazard.dropout import fit_frequency
from services.signals.scoring.market import MARKET_MONTHS, MarketMonth, market_month, market_shift

MOST_ACCOUNTS = 20_000
"""Four parameters know no more from a million accounts; every n-th of them takes part."""

MarkArray = npt.NDArray[np.uint64]


def fit_day(day: int) -> int:
    """Return the day whose fit the scores as of `day` use: the first of the month before it ended.

    Scores as of the first of a month still use the fit of the month that ends there: scores of
    the running day are made before its last event has come.
    """
    month = np.datetime64(day - 1, "D").astype("datetime64[M]")
    return int(month.astype("datetime64[D]").astype(np.int64))


class PopulationFit(NamedTuple):
    """Drop-out parameters (None while nobody is known) and the market's shift in log-odds."""

    from_day: int
    params: DropoutParams | None
    shift: float
    market: tuple[MarketMonth, ...]  # the months behind the shift, oldest first

    def stored(self) -> dict[str, Any]:
        """Return it as JSON takes it, without its day."""
        return {
            "params": self.params and list(self.params),
            "shift": self.shift,
            "market": [list(one) for one in self.market],
        }

    @classmethod
    def of(cls, from_day: int, stored: Mapping[str, Any]) -> PopulationFit:
        """Return what `stored` gave."""
        params = stored["params"]
        return cls(
            from_day,
            params and DropoutParams(*params),
            stored["shift"],
            tuple(MarketMonth(*one) for one in stored["market"]),
        )


class Basis(NamedTuple):
    """A mark per account of all that a fit read of it: who has another one was told of late."""

    accounts: IntArray  # row ids, ascending; those without a mark have booked nothing before
    marks: MarkArray

    def moved(self, accounts: Sequence[int], marks: MarkArray) -> list[int]:
        """Return those of `accounts` whose present mark is another."""
        ids = np.asarray(accounts, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.accounts, ids), max(self.accounts.size - 1, 0))
        was = np.zeros(ids.size, dtype=np.uint64)
        if self.accounts.size:
            was = np.where(self.accounts[at] == ids, self.marks[at], was)
        return [int(one) for one in ids[was != marks]]

    def same(self, other: Basis) -> bool:
        """Return whether nothing moved and nobody came."""
        return np.array_equal(self.accounts, other.accounts) and np.array_equal(
            self.marks, other.marks
        )


class PopulationPast:
    """Collects what the fit of `from_day` is made from, in blocks of accounts of any size."""

    def __init__(self, from_day: int) -> None:
        self.from_day = from_day
        self._blocks: list[tuple[Span, ...]] = []
        self._accounts: list[IntArray] = []
        self._marks: list[MarkArray] = []

    def add(self, accounts: Sequence[int], demand: DemandDays) -> None:
        """Take a block: row ids, and their demand days in the same order."""
        self._blocks.append(tuple(demand.span(day) for day in _month_starts(self.from_day)))
        self._accounts.append(np.asarray(accounts, dtype=np.int64))
        self._marks.append(demand.marks(self.from_day))

    def basis(self) -> Basis:
        """Return the marks of all accounts taken."""
        accounts = np.concatenate([np.zeros(0, dtype=np.int64), *self._accounts])
        marks = np.concatenate([np.zeros(0, dtype=np.uint64), *self._marks])
        order = np.argsort(accounts)
        order = order[marks[order] != 0]
        return Basis(accounts[order], marks[order])

    def fit(self) -> PopulationFit:
        """Return the fit of all accounts taken."""
        spans = [_joined(months) for months in zip(*self._blocks, strict=True)]
        if not spans or not (spans[-1].n_days > 0).any():
            return PopulationFit(self.from_day, None, 0.0, ())
        params = fit_frequency(_sample(spans[-1]))
        seen = (market_month(before, now, params) for before, now in pairwise(spans))
        market = tuple(one for one in seen if one is not None)
        return PopulationFit(self.from_day, params, market_shift(market), market)


def fit_population(demand: DemandDays, from_day: int) -> PopulationFit:
    """Return the fit of one block alone."""
    past = PopulationPast(from_day)
    past.add((), demand)
    return past.fit()


def _month_starts(from_day: int) -> list[int]:
    month = np.datetime64(from_day, "D").astype("datetime64[M]")
    months = month + np.arange(-MARKET_MONTHS, 1)
    return [int(one) for one in months.astype("datetime64[D]").astype(np.int64)]


def _joined(spans: Sequence[Span]) -> Span:
    columns = zip(*(span[1:] for span in spans), strict=True)
    return Span(spans[0].day, *(np.concatenate(column) for column in columns))


def _sample(span: Span) -> Frequency:
    """Return the statistics in an order of their own: sums must not follow that of arrival."""
    order = np.lexsort((span.last, span.first, span.n_days))
    order = order[span.n_days[order] > 0]
    order = order[:: 1 + (order.size - 1) // MOST_ACCOUNTS]
    return frequency(Span(span.day, span.n_days[order], span.first[order], span.last[order]))
