"""Measures of a risk against what happened: ranking, squared error, precision at budget."""

from __future__ import annotations

from typing import NamedTuple

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


def top_of_month(score: FloatArray, month: IntArray, budget: float) -> BoolArray:
    """Return which rows are among the top `budget` of their month; ties go to the first."""
    chosen = np.zeros(score.size, dtype=bool)
    for one in np.unique(month):
        rows = np.flatnonzero(month == one)
        chosen[rows[np.argsort(-score[rows], kind="stable")[: round(budget * rows.size)]]] = True
    return chosen


def precision_at_budget(
    lost: BoolArray, score: FloatArray, month: IntArray, budget: float = 0.1
) -> float:
    """Return the share of lost accounts among the top `budget` of each month."""
    return precision(lost, top_of_month(score, month, budget))


def precision(lost: BoolArray, chosen: BoolArray) -> float:
    """Return the share of lost among the chosen; NaN when nothing was chosen."""
    return float(lost[chosen].mean()) if chosen.any() else float("nan")


def recall(lost: BoolArray, chosen: BoolArray, weight: FloatArray | None = None) -> float:
    """Return the share of what was lost that had been chosen, by rows or by `weight`."""
    weight = np.ones(lost.size) if weight is None else weight
    total = float(weight[lost].sum())
    return float(weight[lost & chosen].sum()) / total if total > 0 else float("nan")


def lift(lost: BoolArray, chosen: BoolArray) -> float:
    """Return how much more often the chosen are lost than all are."""
    return precision(lost, chosen) / float(lost.mean()) if lost.any() else float("nan")


class Bin(NamedTuple):
    """Rows of neighbouring risks: what was said of them, and what became of them."""

    said: float
    happened: float
    rows: int


def reliability(lost: BoolArray, risk: FloatArray, bins: int = 10) -> list[Bin]:
    """Return bins of equal mass, ascending by risk."""
    parts = np.array_split(np.argsort(risk, kind="stable"), bins)
    return [
        Bin(float(risk[part].mean()), float(lost[part].mean()), part.size)
        for part in parts
        if part.size
    ]


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
    gaps = [one.rows * abs(one.said - one.happened) for one in reliability(lost, risk, bins)]
    return float(sum(gaps) / risk.size)
