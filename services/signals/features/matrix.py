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
from services.signals.features.history import History, Span
from services.signals.features.volume import VolumeLook
from services.signals.features.windows import MONTH_DAYS

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
    "volume_month_1": "volume",
    "volume_month_2": "volume",
    "volume_peak": "volume",
    "volume_slope": "volume",
    "volume_swing": "volume",
    "volume_last": "volume",
    "volume_fading": "volume",
    "count_fading": "activity",
    "silent_months": "silence",
    "rate": "past",
    "n_total": "past",
    "tenure": "past",
    "size": "past",
    "size_month": "volume",
    "count_12": "activity",
    "count_3": "activity",
    "recency_raw": "silence",
}
"""Feature -> the reason that it is told under."""

LOCAL = ("size", "size_month", "count_12", "count_3", "recency_raw")
"""Features with a scale of their own: for a local model only, without weight in the prior."""

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
    "volume_month_1": -1,
    "volume_month_2": -1,
    "volume_peak": -1,
    "volume_slope": -1,
    "volume_last": -1,
    "volume_fading": -1,
    "count_fading": -1,
    "silent_months": 1,
    "size_month": -1,
    "count_12": -1,
    "count_3": -1,
    "recency_raw": 1,
}
"""Direction that sense demands: all else equal, silence never lowers the risk, business never
raises it.
Collinear features otherwise take opposite signs that hold in one population only."""

NAMES = tuple(GROUPS)
_FAST: FloatArray = 0.5 ** np.arange(12.0)
_SLOW: FloatArray = 0.85 ** np.arange(12.0)
_TREND: FloatArray = np.arange(2.5, -3.0, -1.0)  # latest month first


class FeatureMatrix(NamedTuple):
    """Features of n accounts: `values` has shape (n, len(names)), all finite."""

    names: tuple[str, ...]
    values: FloatArray


def frequency(past: History | Span) -> Frequency:
    """Return the BG/NBD statistics of each account, in months."""
    x = np.maximum(past.n_days - 1, 0).astype(np.float64)
    have = past.n_days > 0
    t_x = np.where(have, past.last - past.first, 0) / MONTH_DAYS
    age = np.where(have, past.day - past.first, 0) / MONTH_DAYS
    return Frequency(x, t_x, age)


def feature_matrix(past: History, volume: VolumeLook, params: DropoutParams) -> FeatureMatrix:
    """Return the features of `past` and of the volume as of the same day."""
    columns = _silence(past, params) | _activity(past) | _volume(volume) | _past(past, volume)
    return FeatureMatrix(NAMES, np.column_stack([columns[name] for name in NAMES]))


def _silence(past: History, params: DropoutParams) -> dict[str, FloatArray]:
    seen = frequency(past)
    alive = alive_probability(params, seen)
    silence = past.recency + 0.5
    late = np.maximum(past.recency - past.mean_gap, 0.0)
    closed = np.append(past.monthly, np.ones((len(past.last), 1)), axis=1)
    return {
        "bgnbd_logit": logit(silence_probability(params, seen, alive, 3.0)),
        "alive_logit": -logit(alive),
        "recency_mean": np.log(silence / (past.mean_gap + 1.0)),
        "recency_median": np.log(silence / (past.median_gap + 1.0)),
        "recency_max": np.log(silence / (past.max_gap + 1.0)),
        "recency_days": np.log(silence),
        "gap_tail": (past.longer_gaps + 0.5) / (np.maximum(past.n_days - 1, 0) + 1.0),
        "overdue": np.log1p(late / (past.gap_cv * np.maximum(past.mean_gap, 1.0) + 1.0)),
        "silent_months": (closed > 0).argmax(axis=1).astype(np.float64),
        "recency_raw": np.minimum(past.recency, 400.0),
    }


def _activity(past: History) -> dict[str, FloatArray]:
    monthly, counts = past.monthly, past.counts
    active = monthly > 0
    return {
        "slowing": np.log((past.last3_gap + 1.0) / (past.mean_gap + 1.0)),
        "gap_cv": np.minimum(past.gap_cv, 4.0),
        "count_1_6": np.log((counts[1] + 0.25) / (counts[6] / 6 + 0.25)),
        "count_3_12": np.log((counts[3] + 0.5) / (counts[12] / 4 + 0.5)),
        "active_6": active[:, :6].sum(axis=1) / 6.0,
        "active_12": active.sum(axis=1) / 12.0,
        "slope_6": _weighted(monthly, _TREND) / 17.5 / (monthly[:, :6].mean(axis=1) + 0.25),
        "deficit_1": _deficit(counts[12] / 12, counts[1]),
        "deficit_3": _deficit(counts[12] / 4, counts[3]),
        "count_fading": _fading(monthly),
        "count_12": np.log1p(counts[12]),
        "count_3": np.log1p(counts[3]),
    }


def _volume(volume: VolumeLook) -> dict[str, FloatArray]:
    """Return what the months' volume says, each month in usual months and smoothed."""
    monthly, logs = volume.monthly, np.log(volume.monthly + 0.05)
    latest = (monthly > 0).argmax(axis=1)
    return {
        "volume_1_12": np.log((volume.windows[:, 0] + 0.1) / 1.1),
        "volume_3_12": np.log((volume.windows[:, 1] / 3.0 + 0.1) / 1.1),
        "volume_month_1": logs[:, 0],
        "volume_month_2": np.log(monthly[:, :2].mean(axis=1) + 0.05),
        "volume_peak": logs[:, 0] - logs.max(axis=1),
        "volume_slope": _weighted(logs, _TREND) / 17.5,
        "volume_swing": logs.std(axis=1),
        "volume_last": logs[np.arange(len(logs)), latest],
        "volume_fading": _fading(monthly),
        "size_month": volume.latest,
    }


def _past(past: History, volume: VolumeLook) -> dict[str, FloatArray]:
    seen = frequency(past)
    return {
        "rate": np.log((seen.x + 0.5) / (seen.age + 1.0)),
        "n_total": np.log1p(np.minimum(past.n_days, 200)),
        "tenure": np.log1p(np.minimum(seen.age, 60.0)),
        "size": volume.size,
    }


def _weighted(monthly: FloatArray, weights: FloatArray) -> FloatArray:
    """Return the weighted sum of the latest months, row by row alike in any company."""
    return np.asarray((monthly[:, : weights.size] * weights).sum(axis=1))


def _fading(monthly: FloatArray) -> FloatArray:
    """Return the log of a short memory of the months over a long one."""
    fast, slow = _weighted(monthly, _FAST) / _FAST.sum(), _weighted(monthly, _SLOW) / _SLOW.sum()
    return np.asarray(np.log((fast + 0.1) / (slow + 0.1)))


def logit(p: FloatArray) -> FloatArray:
    """Return the log-odds, within those of one in ten thousand."""
    p = np.clip(p, 1e-4, 1 - 1e-4)
    return np.log(p) - np.log1p(-p)


def _deficit(expected: FloatArray, found: FloatArray) -> FloatArray:
    """Return how many standard deviations of chance the booking days lie below the usual."""
    return np.asarray(np.clip((expected - found) / np.sqrt(expected + 1.0), 0.0, 4.0))
