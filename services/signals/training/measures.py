"""Measures of a risk against what happened: ranking, squared error, precision at budget."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from services.signals.features.facts import IntArray

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def auc(lost: BoolArray, score: FloatArray) -> float:
    """Return P(a lost account is ranked above a kept one), ties half; NaN without both kinds."""
    positive = int(lost.sum())
    negative = lost.size - positive
    if not positive or not negative:
        return float("nan")
    ranks = rankdata(score)
    return float((ranks[lost].sum() - positive * (positive + 1) / 2) / (positive * negative))


def monthly_auc(lost: BoolArray, score: FloatArray, month: IntArray) -> float:
    """Return the mean of the months' AUCs, weighted by accounts, where both kinds are."""
    total, accounts = 0.0, 0
    for one in np.unique(month):
        rows = month == one
        value = auc(lost[rows], score[rows])
        if not np.isnan(value):
            total, accounts = total + value * int(rows.sum()), accounts + int(rows.sum())
    return total / accounts if accounts else float("nan")


def brier(lost: BoolArray, risk: FloatArray) -> float:
    """Return the mean squared error of the probability."""
    return float(np.mean((risk - lost) ** 2))


def precision_at_budget(
    lost: BoolArray, score: FloatArray, month: IntArray, budget: float = 0.1
) -> float:
    """Return the share of lost accounts among the top `budget` of each month."""
    hits, alerts = 0, 0
    for one in np.unique(month):
        rows = np.flatnonzero(month == one)
        top = rows[np.argsort(-score[rows], kind="stable")[: round(budget * rows.size)]]
        hits, alerts = hits + int(lost[top].sum()), alerts + top.size
    return hits / alerts if alerts else float("nan")


def pr_auc(lost: BoolArray, score: FloatArray) -> float:
    """Return the average precision over all rows."""
    order = np.argsort(-score, kind="stable")
    hits = lost[order]
    threshold_end = np.append(score[order][1:] != score[order][:-1], True)
    true = np.cumsum(hits)[threshold_end]
    precision = true / (np.flatnonzero(threshold_end) + 1)
    gained = np.diff(np.append(0, true)) / max(int(lost.sum()), 1)
    return float((precision * gained).sum())


def calibration_error(lost: BoolArray, risk: FloatArray, bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal mass."""
    parts = np.array_split(np.argsort(risk, kind="stable"), bins)
    gaps = [part.size * abs(risk[part].mean() - lost[part].mean()) for part in parts if part.size]
    return float(sum(gaps) / risk.size)
