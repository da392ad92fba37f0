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

from services.signals.features.dropout import (
    DropoutParams,
    alive_probability,
    silence_probability,
)
from services.signals.features.facts import IntArray
from services.signals.features.history import DemandDays, Span
from services.signals.features.matrix import frequency, logit
from services.signals.hazard.dropout import fit_frequency
from services.signals.scoring.level import market_level

LEVEL_MONTHS = 36
"""How far back the market's habit is looked for: as far as helps (model-card.md)."""

RECENT_MONTHS, MIN_DAYS, WINDOW_MONTHS = 6, 3, 3.0
"""Who counts: those that a backtest judges, by the same window."""

MOST_ACCOUNTS = 20_000
"""Four parameters know no more from a million accounts; every n-th of them takes part."""

MarkArray = npt.NDArray[np.uint64]


def fit_day(day: int) -> int:
    """Return the day whose fit the scores as of `day` use: the first of the month before it ended.

    Scores as of the first of a month still use the fit of the month that ends there: scores of
    the running day are made before its last event has come.
    """
    return _month_start(day - 1, 0)


class PopulationFit(NamedTuple):
    """Drop-out parameters (None while nobody is known) and the market's level in log-odds."""

    from_day: int
    params: DropoutParams | None
    shift: float

    def stored(self) -> dict[str, Any]:
        """Return it as JSON takes it, without its day."""
        return {"params": self.params and list(self.params), "shift": self.shift}

    @classmethod
    def of(cls, from_day: int, stored: Mapping[str, Any]) -> PopulationFit:
        """Return what `stored` gave."""
        params = stored["params"]
        return cls(from_day, params and DropoutParams(*params), stored["shift"])


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
            return PopulationFit(self.from_day, None, 0.0)
        now = spans[-1]
        known = now.taken(np.flatnonzero(now.n_days > 0))
        params = fit_frequency(frequency(known.taken(_sample(known))))
        return PopulationFit(self.from_day, params, _level(spans, params))


def fit_population(demand: DemandDays, from_day: int) -> PopulationFit:
    """Return the fit of one block alone."""
    past = PopulationPast(from_day)
    past.add((), demand)
    return past.fit()


def _month_starts(from_day: int) -> list[int]:
    return [_month_start(from_day, back) for back in range(LEVEL_MONTHS, -1, -1)]


def _month_start(day: int, back: int) -> int:
    """Return the first day of the month so many months before that of `day`."""
    month = np.datetime64(day, "D").astype("datetime64[M]") - back
    return int(month.astype("datetime64[D]").astype(np.int64))


def _joined(spans: Sequence[Span]) -> Span:
    columns = zip(*(span[1:] for span in spans), strict=True)
    return Span(spans[0].day, *(np.concatenate(column) for column in columns))


def _level(spans: Sequence[Span], params: DropoutParams) -> float:
    """Return the market's level at the last of these month starts."""
    logits, silent, months = [], [], []
    for at, (before, after) in enumerate(pairwise(spans)):
        recent = before.last >= _month_start(before.day, RECENT_MONTHS)
        known = np.flatnonzero(recent & (before.n_days >= MIN_DAYS))
        one, stayed = before.taken(known), after.last[known] < before.day
        order = _sample(one, stayed)
        seen = frequency(one.taken(order))
        alive = alive_probability(params, seen)
        logits.append(logit(silence_probability(params, seen, alive, WINDOW_MONTHS)))
        silent.append(stayed[order])
        months.append(np.full(order.size, at))
    found = (np.concatenate(logits), np.concatenate(silent), np.concatenate(months))
    return market_level(*found, len(spans) - 1)


def _sample(span: Span, *more: npt.NDArray[Any]) -> IntArray:
    """Return indices in an order of the accounts' own: sums must not follow that of arrival."""
    order = np.lexsort((*more, span.last, span.first, span.n_days))
    return order[:: 1 + max(order.size - 1, 0) // MOST_ACCOUNTS]
