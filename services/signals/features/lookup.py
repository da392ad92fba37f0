"""Row-wise lookups that cost one array access per row, or none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from services.signals.features.facts import Facts, IntArray, Series
from shared.domain.changes import WAREHOUSE


def by_series(facts: Facts, code: Callable[[Series], int]) -> IntArray:
    """Return (rows,): the code of each booking row's series."""
    if not facts.series:
        return np.zeros(facts.series_id.size, dtype=np.int64)
    table = np.zeros(max(facts.series) + 1, dtype=np.int64)
    for key, series in facts.series.items():
        table[key] = code(series)
    return table[facts.series_id]


def is_work(facts: Facts) -> npt.NDArray[np.bool_]:
    """Return (rows,): whether the row is warehouse work, not bookings."""
    if not any(one.mode == WAREHOUSE for one in facts.series.values()):
        return np.zeros(facts.series_id.size, dtype=np.bool_)
    return by_series(facts, lambda one: one.mode == WAREHOUSE).astype(np.bool_)


def has_work(facts: Facts, rows: slice) -> bool:
    """Return whether some of these few rows are warehouse work."""
    series = set(facts.series_id[rows].tolist())
    return any(facts.series[key].mode == WAREHOUSE for key in series)


def business_of(facts: Facts) -> IntArray:
    """Return (rows,): what counts as business: bookings, and reports of warehouse work."""
    return np.where(is_work(facts), facts.sums["demand"], facts.sums["business"])


def order_of_days(days: IntArray) -> IntArray:
    """Return the stable order of days; sixteen-bit days are sorted by radix, ten times faster."""
    if days.size and int(days.max()) - int(days.min()) < 1 << 16:
        return np.argsort((days - days.min()).astype(np.uint16), kind="stable")
    return np.argsort(days, kind="stable")
