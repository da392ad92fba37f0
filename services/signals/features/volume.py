"""Volume, which is never revenue: each mode in its own unit, totals as a weighted index.

TEU for FCL, cubic metres for LCL, weight for air, trips for road, orders for warehouse work and,
for storage, cubic metres a day. Where fewer than half of the rows of the last twelve months carry
the unit, the number of bookings (of reports of work) stands in. A total is an index: each kind over
its own usual month, weighted by its share of revenue (equal weights without revenue or with several
currencies; warehouse work, which has none of its own, weighs as the mean of the other kinds).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.signals.features.facts import Facts, IntArray, Series
from services.signals.features.lookup import business_of, by_series
from services.signals.features.windows import MONTH_DAYS, WINDOW_DAYS
from shared.domain.changes import WAREHOUSE

FloatArray = npt.NDArray[np.float64]
_YEAR = WINDOW_DAYS[12]
_MONTHS = 12
UNITS = ("business", "teu", "volume", "weight", "trips", "orders", "stored")
"""What can measure a kind of business; a column of `Facts.sums` of that name, or of `_COLUMNS`."""
_COLUMNS = {"orders": "trips", "stored": "volume"}
_SCALE = np.array([1.0, 1e3, 1e3, 1e6, 1e3, 1e3, 1e3])
"""What one unit is in those columns; weight in tonnes."""
_WORK = np.isin(UNITS, ("orders", "stored"))


def volume_unit(series: Series) -> str:
    """Return the one of `UNITS` that measures this kind of business."""
    if series.mode == WAREHOUSE:
        return "stored" if series.service == "storage" else "orders"
    if series.mode == "air":
        return "weight"
    if series.mode == "road":
        return "trips"
    service = series.service.upper()
    return {"FCL": "teu", "LCL": "volume"}.get(service, "business")


class Measured(NamedTuple):
    """The rows' kind of business and what they amount to; arrays of shape (rows,)."""

    unit: IntArray  # an index into `UNITS`
    business: FloatArray  # bookings, or reports of warehouse work
    value: FloatArray  # in the unit

    def amounts(self, rows: IntArray, group: IntArray, size: int) -> FloatArray:
        """Return these rows in their unit, or as business where their group mostly lacks it.

        `group` has shape (rows,) and values below `size`.
        """
        business, value = self.business[rows], self.value[rows]
        booked = np.bincount(group[business > 0], minlength=size)
        with_unit = np.bincount(group[(business > 0) & (value > 0)], minlength=size)
        known = with_unit * 2 >= np.maximum(booked, 1)
        return np.where(known[group], value, business)


def measured(facts: Facts) -> Measured:
    """Return what the rows amount to, each in the unit of its series."""
    unit = by_series(facts, lambda one: UNITS.index(volume_unit(one)))
    business = business_of(facts).astype(np.float64)
    value = business.copy()
    for code in np.unique(unit[unit > 0]).tolist():
        rows, name = unit == code, UNITS[code]
        value[rows] = facts.sums[_COLUMNS.get(name, name)][rows]
    return Measured(unit, business, value)


class VolumeLook(NamedTuple):
    """Volume of n accounts over the year before a day, as an index of their kinds of business."""

    windows: FloatArray  # (n, 2) in usual months, over the last 31 and 92 days
    monthly: FloatArray  # (n, 12) in usual months, [:, 0] the latest
    size: FloatArray  # (n,) log(1 + usual month) in the unit itself
    latest: FloatArray  # (n,) log(1 + last month) in the unit itself


class _Year(NamedTuple):
    """Rows of twelve months: age and value of each row, its (account, kind), and their sums."""

    age: IntArray
    pair: IntArray
    value: FloatArray
    usual: FloatArray  # (n * kinds,)
    shares: FloatArray  # (n, kinds)


class VolumeTable:
    """Booking rows with their unit, ready to be summed over trailing windows of any day."""

    def __init__(self, facts: Facts) -> None:
        self._n = len(facts.account_ids)
        self._measured = measured(facts)
        self._account = facts.account
        self._day = facts.day
        self._seen = np.maximum(facts.day, facts.effect_day)
        self._revenue = facts.sums["revenue"].astype(np.float64)
        currencies = sorted({one.currency for one in facts.series.values()})
        code = {currency: at for at, currency in enumerate(currencies)}
        self._currency = by_series(facts, lambda one: code[one.currency])

    def look(self, day: int) -> VolumeLook:
        """Return the volume of the year before `day` as the features need it.

        A usual month is the mean of the last twelve months (of the months since the first row of
        that kind, at least three, where there are fewer). 1.0 in a month is as usual.
        """
        year = self._year(day)
        size = self._n * len(UNITS)
        month = ((year.age - 1) / MONTH_DAYS).astype(np.int64)
        recent = month < _MONTHS
        flat = year.pair[recent] * _MONTHS + month[recent]
        flow = np.bincount(flat, weights=year.value[recent], minlength=size * _MONTHS)
        flow = np.maximum(flow.reshape(self._n, len(UNITS), _MONTHS), 0.0)
        usual = year.usual.reshape(self._n, len(UNITS))
        ratio = flow / np.maximum(usual, 1e-12)[:, :, None]
        shares = year.shares / year.shares.sum(axis=1, keepdims=True).clip(1e-12)
        monthly = np.zeros((self._n, _MONTHS))
        for kind in range(len(UNITS)):
            monthly += ratio[:, kind] * shares[:, kind, None]
        return VolumeLook(
            windows=self._windows(year),
            monthly=monthly,
            size=(np.log1p(usual / _SCALE) * shares).sum(axis=1),
            latest=(np.log1p(flow[:, :, 0] / _SCALE) * shares).sum(axis=1),
        )

    def _year(self, day: int) -> _Year:
        """Return the rows of the last twelve months and the usual month of each kind."""
        rows = np.flatnonzero((self._seen < day) & (self._day >= day - _YEAR))
        account, age = self._account[rows], day - self._day[rows]
        pair = account * len(UNITS) + self._measured.unit[rows]
        size = self._n * len(UNITS)
        value = self._measured.amounts(rows, pair, size)
        total = np.bincount(pair, weights=value, minlength=size)
        span = np.zeros(size)
        np.maximum.at(span, pair, age)
        usual = np.maximum(total, 0.0) / np.clip(span / MONTH_DAYS, 3.0, 12.0)
        weight = self._weights(rows, pair, account, size) * (usual > 0)
        return _Year(age, pair, value, usual, weight.reshape(self._n, len(UNITS)))

    def _windows(self, year: _Year) -> FloatArray:
        size = self._n * len(UNITS)
        sums = np.maximum(year.shares.sum(axis=1), 1e-12)
        out = np.empty((self._n, 2))
        for at, length in enumerate((WINDOW_DAYS[1], WINDOW_DAYS[3])):
            recent = year.age <= length
            flow = np.bincount(year.pair[recent], weights=year.value[recent], minlength=size)
            ratio = np.where(year.usual > 0, flow / np.maximum(year.usual, 1e-12), 0.0)
            out[:, at] = (ratio.reshape(self._n, len(UNITS)) * year.shares).sum(axis=1) / sums
        return np.maximum(out, 0.0)

    def _weights(self, rows: IntArray, pair: IntArray, account: IntArray, size: int) -> FloatArray:
        """Return what each (account, kind) weighs: ones where revenue cannot be compared."""
        revenue = np.maximum(np.bincount(pair, weights=self._revenue[rows], minlength=size), 0.0)
        of_kind = revenue.reshape(self._n, len(UNITS))
        total, paying = of_kind.sum(axis=1), np.count_nonzero(of_kind, axis=1)
        of_kind[:, _WORK] = (total / np.maximum(paying, 1))[:, None]
        paid = self._revenue[rows] > 0
        lowest = np.full(self._n, np.iinfo(np.int64).max)
        highest = np.full(self._n, -1)
        np.minimum.at(lowest, account[paid], self._currency[rows][paid])
        np.maximum.at(highest, account[paid], self._currency[rows][paid])
        comparable = (total > 0) & (lowest == highest)
        return np.where(np.repeat(comparable, len(UNITS)), revenue, 1.0)
