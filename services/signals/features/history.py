"""Demand days and their gaps per account, as of any day, by segment operations.

A demand day has a positive net demand over the rows that count as of that day. Prepared once,
asked for many days: no work of a day depends on the number of events, only on that of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.signals.features.facts import Facts, IntArray
from services.signals.features.windows import MONTH_DAYS, WINDOW_DAYS

FloatArray = npt.NDArray[np.float64]
_GAP_SPAN = 1 << 22  # above any gap in days: packs (account, gap) into one sortable integer


_ODD = np.uint64(0x9E3779B97F4A7C15)
_OTHER_ODD = np.uint64(0xBF58476D1CE4E5B9)


ShortArray = npt.NDArray[np.int32]


class Span(NamedTuple):
    """The least that is asked of n accounts as of `day`: all arrays have shape (n,)."""

    day: int
    n_days: ShortArray  # distinct demand days
    first: ShortArray  # -1 without one
    last: ShortArray

    def taken(self, places: IntArray) -> Span:
        """Return it of these accounts, in this order."""
        return Span(self.day, self.n_days[places], self.first[places], self.last[places])


@dataclass(frozen=True, slots=True)
class History:
    """The past of n accounts as of `day`; arrays have shape (n,) unless said otherwise.

    Accounts without a demand day have zeros and `last` = `first` = `stood` = -1; gap statistics of
    fewer than two demand days are zeros.
    """

    day: int
    n_days: IntArray  # distinct demand days
    first: IntArray
    last: IntArray
    stood: IntArray  # the last day with more demand than was rejected
    recency: FloatArray  # days since the last demand day
    mean_gap: FloatArray
    median_gap: FloatArray
    max_gap: FloatArray
    q95_gap: FloatArray  # numpy's linear quantile
    gap_cv: FloatArray
    longer_gaps: FloatArray  # own gaps longer than the present silence (count)
    last3_gap: FloatArray  # mean of the last three gaps
    counts: dict[int, FloatArray]  # months back -> demand days in the window
    monthly: FloatArray  # (n, 12) demand days per month back, [:, 0] the latest
    days: IntArray  # all demand days, by account and ascending
    starts: IntArray  # (n,) first index of the account in `days`

    def days_of(self, index: int) -> IntArray:
        """Return the demand days of one account, ascending."""
        start = int(self.starts[index])
        return self.days[start : start + int(self.n_days[index])]


class DemandDays:
    """The booking rows of `facts` grouped by account and day, ready to be asked as of any day."""

    def __init__(self, facts: Facts) -> None:
        self._n = len(facts.account_ids)
        account, day = facts.account, facts.day
        seen, demand = np.maximum(day, facts.effect_day), facts.sums["demand"]
        rejected = facts.sums["rejected"]
        if not _is_sorted(account, day):
            order = np.lexsort((day, account))
            account, day = account[order], day[order]
            seen, demand, rejected = seen[order], demand[order], rejected[order]
        self._seen, self._demand = seen, demand.astype(np.float64)
        fresh = np.ones(account.size, dtype=bool)
        fresh[1:] = (account[1:] != account[:-1]) | (day[1:] != day[:-1])
        self._group_start = np.flatnonzero(fresh)
        self._group_account = account[fresh]
        self._group_day = day[fresh]
        rows = np.flatnonzero(rejected)  # few, if any
        group = np.searchsorted(self._group_start, rows, side="right") - 1
        self._rejected = rows, group, rejected[rows].astype(np.float64)

    def as_of(self, day: int) -> History:
        """Return what the rows before `day` say of each account."""
        net = self._net(day)
        rows, group, count = self._rejected
        rejected = np.bincount(group, weights=count * (self._seen[rows] < day), minlength=net.size)
        present, stood = net > 0, net > np.maximum(rejected, 0.0)
        account, days = self._group_account, self._group_day
        last = _ends(self._n, account[stood], days[stood])[2]
        return _history(day, self._n, account[present], days[present], last)

    def span(self, day: int) -> Span:
        """Return the ends of what the rows before `day` say: a tenth of the work of `as_of`."""
        counts = _ends(self._n, *self._present(day))[:3]
        return Span(day, *(one.astype(np.int32) for one in counts))

    def marks(self, day: int) -> npt.NDArray[np.uint64]:
        """Return (n,) a hash per account of its rows before `day`; 0 for none.

        The same for any grouping and order of the same bookings.
        """
        found = np.zeros(self._n, dtype=np.uint64)
        if not self._group_start.size:
            return found
        sizes = np.diff(np.append(self._group_start, self._seen.size))
        days = np.repeat(self._group_day, sizes)
        mixed = _mixed(days.astype(np.uint64) * _ODD + self._seen.astype(np.uint64))
        counted = np.where(self._seen < day, self._demand.astype(np.int64), 0).astype(np.uint64)
        by_day = np.add.reduceat(mixed * counted, self._group_start)
        starts = np.flatnonzero(np.diff(self._group_account, prepend=-1))
        found[self._group_account[starts]] = np.add.reduceat(by_day, starts)
        return found

    def _present(self, day: int) -> tuple[IntArray, IntArray]:
        """Return account and day of each demand day, by account and ascending."""
        present = self._net(day) > 0
        return self._group_account[present], self._group_day[present]

    def _net(self, day: int) -> FloatArray:
        """Return the demand of each account and day."""
        if not self._group_start.size:
            return np.zeros(0)
        return np.add.reduceat(self._demand * (self._seen < day), self._group_start)


def _is_sorted(account: IntArray, day: IntArray) -> bool:
    step = np.diff(account)
    return bool(((step > 0) | ((step == 0) & (np.diff(day) >= 0))).all())


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread the bits: the finisher of splitmix64 (Steele, Lea and Flood, 2014), shortened."""
    values = (values ^ (values >> np.uint64(30))) * _OTHER_ODD
    return values ^ (values >> np.uint64(27))


def _ends(
    n: int, account: IntArray, days: IntArray
) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return the count, the first and the last of each account's days, and where they begin."""
    n_days = np.bincount(account, minlength=n)
    end = np.cumsum(n_days)
    start = end - n_days
    have = n_days > 0
    first, last = np.full(n, -1), np.full(n, -1)
    first[have], last[have] = days[start[have]], days[end[have] - 1]
    return n_days, first, last, start


def _history(day: int, n: int, account: IntArray, days: IntArray, stood: IntArray) -> History:
    n_days, first, last, start = _ends(n, account, days)
    have, end = n_days > 0, start + n_days
    recency = np.where(have, day - last, 0).astype(np.float64)
    n_gaps = np.maximum(n_days - 1, 0)
    per_gap = 1.0 / np.maximum(n_gaps, 1)
    mean_gap = np.where(have, last - first, 0) * per_gap
    same = account[1:] == account[:-1]
    gap_account = account[1:][same]
    gaps = (days[1:] - days[:-1])[same]
    squares = np.bincount(gap_account, weights=gaps.astype(np.float64) ** 2, minlength=n) * per_gap
    spread = np.sqrt(np.maximum(squares - mean_gap**2, 0.0))
    quantiles = _gap_quantiles(gap_account, gaps, n_gaps, (0.5, 0.95, 1.0))
    longer = np.bincount(gap_account[gaps > recency[gap_account]], minlength=n)
    latest3 = np.minimum(n_gaps, 3)
    padded = np.append(days, 0)
    last3 = np.where(have, padded[end - 1] - padded[end - 1 - latest3], 0) / np.maximum(latest3, 1)
    return History(
        day=day,
        n_days=n_days,
        first=first,
        last=last,
        stood=stood,
        recency=recency,
        mean_gap=mean_gap,
        median_gap=quantiles[0],
        max_gap=quantiles[2],
        q95_gap=quantiles[1],
        gap_cv=spread / np.maximum(mean_gap, 1.0),
        longer_gaps=longer.astype(np.float64),
        last3_gap=last3,
        counts=_window_counts(day, n, account, days),
        monthly=_monthly_counts(day, n, account, days),
        days=days,
        starts=start,
    )


def _gap_quantiles(
    gap_account: IntArray, gaps: IntArray, n_gaps: IntArray, shares: tuple[float, ...]
) -> list[FloatArray]:
    """Return numpy's default linear quantiles of each account's gaps; zeros without gaps."""
    packed = np.sort(gap_account * _GAP_SPAN + gaps)
    ordered = np.append(packed % _GAP_SPAN, 0).astype(np.float64)
    offset = np.cumsum(n_gaps) - n_gaps
    top = np.maximum(n_gaps - 1, 0)
    found = []
    for share in shares:
        position = top * share
        low = np.floor(position).astype(np.int64)
        high = np.minimum(low + 1, top)
        at_low = ordered[offset + low]
        value = at_low + (ordered[offset + high] - at_low) * (position - low)
        found.append(np.where(n_gaps > 0, value, 0.0))
    return found


def _window_counts(day: int, n: int, account: IntArray, days: IntArray) -> dict[int, FloatArray]:
    return {
        months: np.bincount(account[days >= day - length], minlength=n).astype(np.float64)
        for months, length in WINDOW_DAYS.items()
    }


def _monthly_counts(day: int, n: int, account: IntArray, days: IntArray) -> FloatArray:
    month = ((day - 1 - days) / MONTH_DAYS).astype(np.int64)
    recent = month < 12
    flat = np.bincount(account[recent] * 12 + month[recent], minlength=n * 12)
    return flat.reshape(n, 12).astype(np.float64)
