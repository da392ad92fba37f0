"""How the service went: rolled and rejected bookings, late deliveries, cancellations."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.signals.features.facts import Facts, IntArray
from services.signals.features.lookup import is_work, order_of_days
from services.signals.features.windows import WINDOW_DAYS

FloatArray = npt.NDArray[np.float64]
MONTHS_BACK = 6
_MIN_DELIVERED = 3
_MIN_CANCELLED = 3
_SPAN = 1 << 22


class Operations(NamedTuple):
    """As of a day, per account (n,); days are -1 where nothing happened."""

    rolled_day: IntArray  # last day whose trailing 30 days hold 3 rolled bookings
    rejected_day: IntArray  # last day whose trailing 30 days hold 2 rejected bookings
    delivered: FloatArray  # (n, MONTHS_BACK + 1) deliveries per 31 days back
    late: FloatArray  # the same, late ones
    cancelled: FloatArray  # (n, 2) cancellations of the last 3 months and of the 9 before
    demand: FloatArray  # (n, 2) demand of the same windows plus cancelled; zeros where none was


class OperationRows:
    """The rows with service trouble, ready to be asked as of any day."""

    def __init__(self, facts: Facts) -> None:
        self._n = len(facts.account_ids)
        self._rows: dict[str, tuple[IntArray, IntArray, FloatArray]] = {}
        seen = np.maximum(facts.day, facts.effect_day)
        cancels = np.zeros(self._n, dtype=bool)
        cancels[facts.account[facts.sums["cancelled"] != 0]] = True
        for name in ("rolled", "rejected", "delivered", "late", "cancelled", "demand"):
            wanted = facts.sums[name] != 0
            if name == "demand":  # of bookings, and asked for beside cancellations only
                wanted &= cancels[facts.account] & ~is_work(facts)
            rows = np.flatnonzero(wanted)
            order = rows[order_of_days(seen[rows])]
            values = facts.sums[name][order].astype(np.float64)
            self._rows[name] = (facts.account[order], seen[order], values)

    def as_of(self, day: int) -> Operations:
        """Return the service record of each account from the rows before `day`."""
        year = (WINDOW_DAYS[3], WINDOW_DAYS[12])
        cancelled = self._windows("cancelled", day, year)
        demand = self._windows("demand", day, year)
        months = tuple(31 * (back + 1) for back in range(MONTHS_BACK + 1))
        return Operations(
            rolled_day=self._last_burst("rolled", day, 3.0),
            rejected_day=self._last_burst("rejected", day, 2.0),
            delivered=self._windows("delivered", day, months),
            late=self._windows("late", day, months),
            cancelled=cancelled,
            demand=demand + cancelled,
        )

    def _windows(self, name: str, day: int, edges: tuple[int, ...]) -> FloatArray:
        """Return (n, k): sums of the rows between successive edges (days back)."""
        account, seen, values = self._rows[name]
        out = np.zeros((self._n, len(edges)))
        bounds = np.searchsorted(seen, [day, *(day - edge for edge in edges)])
        for column, (newer, older) in enumerate(pairwise(bounds)):
            if older < newer:
                part = slice(older, newer)
                out[:, column] = np.bincount(account[part], values[part], minlength=self._n)
        return out

    def _last_burst(self, name: str, day: int, least: float) -> IntArray:
        """Return the last day, within a year, whose trailing 30 days hold `least` or more."""
        account, seen, values = self._rows[name]
        last = np.full(self._n, -1)
        low, high = np.searchsorted(seen, [day - WINDOW_DAYS[12], day])
        if low == high:
            return last
        key = account[low:high] * _SPAN + seen[low:high]
        order = np.argsort(key, kind="stable")
        key, total = key[order], np.cumsum(values[low:high][order])
        # What one day took back counts with what it brought: its rows come in any order.
        ends = np.append(key[1:] != key[:-1], np.True_)
        key, total = key[ends], total[ends]
        before = np.searchsorted(key, key - 29)
        trailing = total - np.where(before > 0, total[before - 1], 0.0)
        hit = trailing >= least
        np.maximum.at(last, key[hit] // _SPAN, key[hit] % _SPAN)
        return last


def late_months_ago(operations: Operations, on_time: FloatArray) -> IntArray:
    """Return (n,): how many months ago two months running missed the agreed share; -1 for never.

    `on_time` (n,) is the agreed share of deliveries on time.
    """
    delivered, late = operations.delivered, operations.late
    missed = (delivered >= _MIN_DELIVERED) & (delivered - late < on_time[:, None] * delivered)
    running = missed[:, :-1] & missed[:, 1:]
    return np.where(running.any(axis=1), running.argmax(axis=1), -1)


def more_cancelled(operations: Operations) -> npt.NDArray[np.bool_]:
    """Return (n,): 3 cancellations in 3 months, at twice the share of the 9 months before."""
    now, before = operations.cancelled.T
    asked, asked_before = operations.demand.T
    share, usual = now / np.maximum(asked, 1.0), before / np.maximum(asked_before, 1.0)
    return np.asarray((now >= _MIN_CANCELLED) & (share > 2 * usual))
