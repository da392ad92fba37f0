"""The measures of one method on the tested rows; what too few rows cannot say is None."""

from __future__ import annotations

from typing import Any

import numpy as np

from services.signals.backtest.frame import Frame
from services.signals.backtest.sustained import Warnings
from services.signals.hazard.interface import HORIZONS, BoolArray, FloatArray, Forecast
from services.signals.training.measures import (
    auc,
    brier,
    calibration_error,
    lift,
    monthly_auc,
    pr_auc,
    precision,
    recall,
    reliability,
    top_of_month,
)
from services.signals.training.rows import Rows

ENOUGH = 10
"""Rows of either kind below which a measure would be a guess."""

Measures = dict[str, Any]


def risk_measures(rows: Rows, frame: Frame, forecast: Forecast, budget: float) -> Measures:
    """Return the measures of P(no booking in three months) where the window has closed."""
    risk = forecast.curve[:, 0]
    part = rows.known[:, 0] & ~np.isnan(risk)
    lost, month = rows.lost[part, 0], rows.month[part]
    chosen = top_of_month(risk[part], month, budget)
    active = part & rows.active
    said = reliability(lost, risk[part]) if enough(lost) else []
    caught = recall(lost, chosen, frame.amount[part]) if enough(lost) else float("nan")
    return _measured(lost, risk[part], month, budget) | {
        "reliability": [list(map(_round, one)) for one in said],
        "amount_caught": _round(caught),
        "active": _measured(rows.lost[active, 0], risk[active], rows.month[active], budget),
    }


def list_measures(rows: Rows, frame: Frame, alert: BoolArray) -> Measures:
    """Return how right the list was that a user sees, where the window has closed."""
    part = rows.known[:, 0]
    lost, named = rows.lost[part, 0], alert[part]
    judged = enough(lost) and named.any()
    return {
        "rows": int(named.sum()),
        "precision": _round(precision(lost, named)) if judged else None,
        "recall": _round(recall(lost, named)) if judged else None,
        "amount_caught": _round(recall(lost, named, frame.amount[part])) if judged else None,
    }


def horizon_measures(rows: Rows, curve: FloatArray) -> list[Measures]:
    """Return, per horizon, how the three-month order ranks it and how well its level fits."""
    found = []
    for h in range(HORIZONS):
        part = rows.known[:, h] & ~np.isnan(curve[:, h])
        lost, risk, month = rows.lost[part, h], curve[part, h], rows.month[part]
        if not enough(lost):
            continue
        found.append(
            {
                "months": h + 1,
                "rows": int(lost.size),
                "base_rate": _round(float(lost.mean())),
                "predicted": _round(float(risk.mean())),
                "auc_m": _round(monthly_auc(lost, risk, month)),
                "ece": _round(calibration_error(lost, risk)),
            }
        )
    return found


def monthly_measures(rows: Rows, risk: FloatArray, names: list[str]) -> list[Measures]:
    """Return, per month start, how it went: stability is seen, not averaged."""
    found = []
    for month in np.unique(rows.month[~np.isnan(risk)]).tolist():
        part = (rows.month == month) & rows.known[:, 0] & ~np.isnan(risk)
        if not part.any():
            continue
        lost = rows.lost[part, 0]
        found.append(
            {
                "month": names[month],
                "rows": int(lost.size),
                "lost": int(lost.sum()),
                "predicted": _round(float(risk[part].mean())),
                "happened": _round(float(lost.mean())),
                "auc": _round(auc(lost, risk[part])),
            }
        )
    return found


def erosion_measures(rows: Rows, erosion: FloatArray) -> Measures:
    """Return the measures of P(volume falls to 30 % or less)."""
    part = rows.eroded_known & ~np.isnan(erosion)
    eroded, risk = rows.eroded[part], erosion[part]
    if not enough(eroded):
        return {"rows": int(part.sum()), "auc_m": None, "ece": None}
    return {
        "rows": int(eroded.size),
        "base_rate": _round(float(eroded.mean())),
        "auc_m": _round(monthly_auc(eroded, risk, rows.month[part])),
        "ece": _round(calibration_error(eroded, risk)),
    }


def warning_measures(draws: list[Warnings]) -> Measures:
    """Return shares of the lost accounts, and months from the alert to the obvious silence.

    Several draws of a random order are one measure, their mean.
    """
    losses = draws[0].losses
    if not losses:
        return {"losses": 0, "caught": None, "before_last_booking": None, "months": None}
    return {
        "losses": losses,
        "caught": _round(float(np.mean([one.caught for one in draws])) / losses),
        "before_last_booking": _round(float(np.mean([one.before_last for one in draws])) / losses),
        "months": _round(float(np.mean([one.months.mean() for one in draws]))),
    }


def enough(outcome: BoolArray) -> bool:
    """Return whether both kinds are there often enough to say anything."""
    return min(int(outcome.sum()), int((~outcome).sum())) >= ENOUGH


def _measured(lost: BoolArray, risk: FloatArray, month: Any, budget: float) -> Measures:
    counted = {"rows": int(lost.size), "lost": int(lost.sum())}
    names = ("base_rate", "auc_m", "pr_auc", "brier", "ece", "precision", "recall", "lift")
    if not enough(lost):
        return counted | dict.fromkeys(names)
    chosen = top_of_month(risk, month, budget)
    values = (
        float(lost.mean()),
        monthly_auc(lost, risk, month),
        pr_auc(lost, risk),
        brier(lost, risk),
        calibration_error(lost, risk),
        precision(lost, chosen),
        recall(lost, chosen),
        lift(lost, chosen),
    )
    return counted | dict(zip(names, map(_round, values), strict=True))


def _round(value: float) -> float | None:
    """Return four decimals; None for what is not a number."""
    return None if np.isnan(value) else round(float(value), 4)
