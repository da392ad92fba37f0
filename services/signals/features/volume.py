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

    def index(self, day: int, windows: tuple[int, ...]) -> FloatArray:
        """Return (n, k): volume of the last `windows` days, in usual months.

        A usual month is the mean of the last twelve months (of the months since the first row of
        that kind, at least three, where there are fewer). 1.0 in a window of a month is as usual.
        """
        rows = np.flatnonzero((self._seen < day) & (self._day >= day - _YEAR))
        account, age = self._account[rows], day - self._day[rows]
        pair = account * len(UNITS) + self._unit[rows]
        size = self._n * len(UNITS)
        value = self._measured(rows, pair, size)
        total = np.bincount(pair, weights=value, minlength=size)
        span = np.zeros(size)
        np.maximum.at(span, pair, age)
        months = np.clip(span / MONTH_DAYS, 3.0, 12.0)
        usual = np.maximum(total, 0.0) / months
        weight = self._weights(rows, pair, account, size) * (usual > 0)
        shares = weight.reshape(self._n, len(UNITS))
        sums = np.maximum(shares.sum(axis=1), 1e-12)
        out = np.empty((self._n, len(windows)))
        for at, length in enumerate(windows):
            recent = age <= length
            flow = np.bincount(pair[recent], weights=value[recent], minlength=size)
            ratio = np.where(usual > 0, flow / np.maximum(usual, 1e-12), 0.0)
            out[:, at] = (ratio.reshape(self._n, len(UNITS)) * shares).sum(axis=1) / sums
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
