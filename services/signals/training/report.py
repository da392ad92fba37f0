"""What is reported of out-of-time predictions, beside recency and BG/NBD on the same rows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from services.signals.features.matrix import NAMES, FloatArray
from services.signals.training.measures import (
    brier,
    calibration_error,
    monthly_auc,
    pr_auc,
    precision_at_budget,
)
from services.signals.training.rows import Rows


class Prediction(NamedTuple):
    """Test rows with their curves (m, 12) and P(erosion) (m,)."""

    rows: Rows
    curves: FloatArray
    erosion: FloatArray


def measure(prediction: Prediction) -> dict[str, Any]:
    """Return the measures of the closed 3-month windows, and of P_6 and P_12 where closed."""
    rows, curves, erosion = prediction
    closed = rows.known[:, 0]
    part = rows.take(closed)
    gone = 1.0 / (1.0 + np.exp(-part.values[:, NAMES.index("bgnbd_logit")]))
    report: dict[str, Any] = {
        "rows": int(closed.sum()),
        "base_rate": _round(float(part.lost[:, 0].mean())),
        "model": _ranked(part, curves[closed, 0]),
        "bgnbd": _ranked(part, gone),
        "recency_auc_m": _round(monthly_auc(part.lost[:, 0], part.recency, part.month)),
    }
    for horizon in (6, 12):
        known = rows.known[:, horizon - 1]
        if known.any():
            lost, risk = rows.lost[known, horizon - 1], curves[known, horizon - 1]
            report[f"p_{horizon}"] = {
                "auc_m": _round(monthly_auc(lost, risk, rows.month[known])),
                "ece": _round(calibration_error(lost, risk)),
            }
    known = rows.eroded_known
    report["erosion"] = {
        "base_rate": _round(float(rows.eroded[known].mean())),
        "auc_m": _round(monthly_auc(rows.eroded[known], erosion[known], rows.month[known])),
        "ece": _round(calibration_error(rows.eroded[known], erosion[known])),
    }
    return report


def _ranked(rows: Rows, risk: FloatArray) -> dict[str, float]:
    lost, active = rows.lost[:, 0], rows.active
    return {
        "auc_m": _round(monthly_auc(lost, risk, rows.month)),
        "pr_auc": _round(pr_auc(lost, risk)),
        "brier": _round(brier(lost, risk)),
        "precision_at_10": _round(precision_at_budget(lost, risk, rows.month)),
        "ece": _round(calibration_error(lost, risk)),
        "active_auc_m": _round(monthly_auc(lost[active], risk[active], rows.month[active])),
    }


def _round(value: float) -> float:
    return round(value, 4)
