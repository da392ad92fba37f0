"""Volume, which is never revenue: each mode in its own unit, totals as a weighted index.

TEU for FCL, cubic metres for LCL, weight for air, trips for road. Where fewer than half of the
booking rows of the last twelve months carry the unit, the number of bookings stands in. A total is
an index: each kind over its own usual month, weighted by its share of revenue (equal weights
without revenue or with several currencies).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.signals.features.facts import Facts, IntArray, Series
from services.signals.features.lookup import by_series
from services.signals.features.windows import MONTH_DAYS, WINDOW_DAYS

FloatArray = npt.NDArray[np.float64]
_YEAR = WINDOW_DAYS[12]
_MONTHS = 12
_SCALE = np.array([1.0, 1e3, 1e3, 1e6, 1e3])
"""What one unit is in the columns of `Facts.sums`; weight in tonnes."""

UNITS = ("business", "teu", "volume", "weight", "trips")
"""Columns of `Facts.sums` that can measure a kind of business."""


def volume_unit(series: Series) -> str:
    """Return the column of `Facts.sums` that measures this kind of business."""
    if series.mode == "air":
        return "weight"
    if series.mode == "road":
        return "trips"
    service = series.service.upper()
    return {"FCL": "teu", "LCL": "volume"}.get(service, "business")


def _lane(series: Series) -> tuple[str, str, str]:
    return series.origin, series.destination, series.mode


class LaneVolume(NamedTuple):
    """Volume per (account, origin, destination, mode) in trailing windows; arrays of shape (m,)."""

    account: IntArray
    lane: tuple[tuple[str, str, str], ...]  # origin, destination, mode
    bookings: FloatArray  # (m, k) business bookings per window
    volume: FloatArray  # (m, k) in the unit, or bookings where the unit is missing


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
        self._unit = by_series(facts, lambda one: UNITS.index(volume_unit(one)))
        self._account = facts.account
        self._day = facts.day
        self._seen = np.maximum(facts.day, facts.effect_day)
        self._business = facts.sums["business"].astype(np.float64)
        columns = np.stack([facts.sums[name] for name in UNITS]).astype(np.float64)
        self._value = columns[self._unit, np.arange(facts.day.size)]
        self._revenue = facts.sums["revenue"].astype(np.float64)
        currencies = sorted({one.currency for one in facts.series.values()})
        code = {currency: at for at, currency in enumerate(currencies)}
        self._currency = by_series(facts, lambda one: code[one.currency])
        self._lanes = sorted({_lane(one) for one in facts.series.values()})
        place = {lane: at for at, lane in enumerate(self._lanes)}
        self._lane = by_series(facts, lambda one: place[_lane(one)])

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
        pair = account * len(UNITS) + self._unit[rows]
        size = self._n * len(UNITS)
        value = self._measured(rows, pair, size)
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

    def lanes(self, day: int, windows: tuple[int, ...], account: int | None = None) -> LaneVolume:
        """Return trailing sums per account, lane and mode over the windows (days back)."""
        longest = max(windows)
        visible = (self._seen < day) & (self._day >= day - longest)
        if account is not None:
            visible &= self._account == account
        rows = np.flatnonzero(visible)
        key = self._account[rows] * max(len(self._lanes), 1) + self._lane[rows]
        pairs, at = np.unique(key, return_inverse=True)
        value = self._measured(rows, at, pairs.size)
        age = day - self._day[rows]
        bookings, volume = (
            np.zeros((pairs.size, len(windows))),
            np.zeros((pairs.size, len(windows))),
        )
        for column, length in enumerate(windows):
            recent = age <= length
            bookings[:, column] = np.bincount(
                at[recent], weights=self._business[rows][recent], minlength=pairs.size
            )
            volume[:, column] = np.bincount(at[recent], weights=value[recent], minlength=pairs.size)
        lanes = tuple(self._lanes[int(one) % max(len(self._lanes), 1)] for one in pairs)
        return LaneVolume(pairs // max(len(self._lanes), 1), lanes, bookings, volume)

    def _measured(self, rows: IntArray, group: IntArray, size: int) -> FloatArray:
        """Return each row's value: its unit, or bookings where the group lacks the unit."""
        business, value = self._business[rows], self._value[rows]
        booked = business > 0
        all_rows = np.bincount(group[booked], minlength=size)
        with_unit = np.bincount(group[booked & (value > 0)], minlength=size)
        unit_known = with_unit * 2 >= np.maximum(all_rows, 1)
        return np.where(unit_known[group], value, business)

    def _weights(self, rows: IntArray, pair: IntArray, account: IntArray, size: int) -> FloatArray:
        """Return revenue per (account, kind), or ones where revenue cannot be compared."""
        revenue = np.maximum(np.bincount(pair, weights=self._revenue[rows], minlength=size), 0.0)
        total = revenue.reshape(self._n, len(UNITS)).sum(axis=1)
        paid = self._revenue[rows] > 0
        lowest = np.full(self._n, np.iinfo(np.int64).max)
        highest = np.full(self._n, -1)
        np.minimum.at(lowest, account[paid], self._currency[rows][paid])
        np.maximum.at(highest, account[paid], self._currency[rows][paid])
        comparable = (total > 0) & (lowest == highest)
        return np.where(np.repeat(comparable, len(UNITS)), revenue, 1.0)
