"""The scale-free features of the loss model: names, groups and their computation.

Every feature is finite for every account. Ratios are smoothed, so that an account with hardly any
past lands near the middle instead of at infinity.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.signals.features.dropout import (
    DropoutParams,
    Frequency,
    alive_probability,
    silence_probability,
)
from services.signals.features.history import History
from services.signals.features.windows import MONTH_DAYS, WINDOW_DAYS

FloatArray = npt.NDArray[np.float64]

GROUPS = {
    "bgnbd_logit": "silence",
    "alive_logit": "silence",
    "recency_mean": "silence",
    "recency_median": "silence",
    "recency_max": "silence",
    "recency_days": "silence",
    "gap_tail": "silence",
    "overdue": "silence",
    "slowing": "rhythm",
    "gap_cv": "rhythm",
    "count_1_6": "activity",
    "count_3_12": "activity",
    "active_6": "activity",
    "active_12": "activity",
    "slope_6": "activity",
    "deficit_1": "activity",
    "deficit_3": "activity",
    "volume_1_12": "volume",
    "volume_3_12": "volume",
    "rate": "past",
    "n_total": "past",
    "tenure": "past",
}
"""Feature -> the reason that it is told under."""

SIGNS = {
    "bgnbd_logit": 1,
    "alive_logit": 1,
    "recency_mean": 1,
    "recency_median": 1,
    "recency_max": 1,
    "recency_days": 1,
    "overdue": 1,
    "gap_tail": -1,
    "slowing": 1,
    "count_1_6": -1,
    "count_3_12": -1,
    "active_6": -1,
    "active_12": -1,
    "slope_6": -1,
    "deficit_1": 1,
    "deficit_3": 1,
    "volume_1_12": -1,
    "volume_3_12": -1,
}
"""Direction that sense demands: all else equal, silence never lowers the risk, business never
raises it.
Collinear features otherwise take opposite signs that hold in one population only."""

NAMES = tuple(GROUPS)
VOLUME_WINDOWS = (WINDOW_DAYS[1], WINDOW_DAYS[3])


class FeatureMatrix(NamedTuple):
    """Features of n accounts: `values` has shape (n, len(names)), all finite."""

    names: tuple[str, ...]
    values: FloatArray


def frequency(past: History) -> Frequency:
    """Return the BG/NBD statistics of each account, in months."""
    x = np.maximum(past.n_days - 1, 0).astype(np.float64)
    have = past.n_days > 0
    t_x = np.where(have, past.last - past.first, 0) / MONTH_DAYS
    age = np.where(have, past.day - past.first, 0) / MONTH_DAYS
    return Frequency(x, t_x, age)


def feature_matrix(past: History, volume: FloatArray, params: DropoutParams) -> FeatureMatrix:
    """Return the features of `past`; `volume` is the index over `VOLUME_WINDOWS`, (n, 2)."""
    seen = frequency(past)
    alive = alive_probability(params, seen)
    silent = silence_probability(params, seen, alive, 3.0)
    silence = past.recency + 0.5
    gaps = np.maximum(past.n_days - 1, 0)
    late = np.maximum(past.recency - past.mean_gap, 0.0)
    monthly = past.monthly
    active = monthly > 0
    centred = np.arange(2.5, -3.0, -1.0)  # latest month first
    mean6 = monthly[:, :6].mean(axis=1)
    columns = {
        "bgnbd_logit": _logit(silent),
        "alive_logit": -_logit(alive),
        "recency_mean": np.log(silence / (past.mean_gap + 1.0)),
        "recency_median": np.log(silence / (past.median_gap + 1.0)),
        "recency_max": np.log(silence / (past.max_gap + 1.0)),
        "recency_days": np.log(silence),
        "gap_tail": (past.longer_gaps + 0.5) / (gaps + 1.0),
        "overdue": np.log1p(late / (past.gap_cv * np.maximum(past.mean_gap, 1.0) + 1.0)),
        "slowing": np.log((past.last3_gap + 1.0) / (past.mean_gap + 1.0)),
        "gap_cv": np.minimum(past.gap_cv, 4.0),
        "count_1_6": np.log((past.counts[1] + 0.25) / (past.counts[6] / 6 + 0.25)),
        "count_3_12": np.log((past.counts[3] + 0.5) / (past.counts[12] / 4 + 0.5)),
        "active_6": active[:, :6].sum(axis=1) / 6.0,
        "active_12": active.sum(axis=1) / 12.0,
        "slope_6": (monthly[:, :6] @ centred) / 17.5 / (mean6 + 0.25),
        "deficit_1": _deficit(past.counts[12] / 12, past.counts[1]),
        "deficit_3": _deficit(past.counts[12] / 4, past.counts[3]),
        "volume_1_12": np.log((volume[:, 0] + 0.1) / 1.1),
        "volume_3_12": np.log((volume[:, 1] / 3.0 + 0.1) / 1.1),
        "rate": np.log((seen.x + 0.5) / (seen.age + 1.0)),
        "n_total": np.log1p(np.minimum(past.n_days, 200)),
        "tenure": np.log1p(np.minimum(seen.age, 60.0)),
    }
    return FeatureMatrix(NAMES, np.column_stack([columns[name] for name in NAMES]))


def _logit(p: FloatArray) -> FloatArray:
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(p) - np.log1p(-p)


def _deficit(expected: FloatArray, found: FloatArray) -> FloatArray:
    """Return how many standard deviations of chance the booking days lie below the usual."""
    return np.asarray(np.clip((expected - found) / np.sqrt(expected + 1.0), 0.0, 4.0))
