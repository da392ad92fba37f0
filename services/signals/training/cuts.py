"""Cuts of the bands, per list, by alert budget."""

from __future__ import annotations

import numpy as np

from services.signals.hazard.interface import FloatArray
from services.signals.training.report import Prediction

SHARES = (0.25, 0.10, 0.03)
"""Share of a list at or above watch, high (the alert budget) and critical."""


def budget_cuts(predictions: list[Prediction]) -> dict[str, tuple[float, float, float]]:
    """Return (watch, high, critical) in points per list, from out-of-time risks.

    Populations weigh alike, whatever their size.
    """
    cuts = {}
    for name, active in (("active_at_risk", True), ("going_silent", False)):
        risks, weights = [], []
        for rows, curves in predictions:
            part = curves[rows.active == active, 0]
            risks.append(part)
            weights.append(np.full(part.size, 1.0 / max(part.size, 1)))
        risk, weight = np.concatenate(risks), np.concatenate(weights)
        watch, high, critical = (round(100 * _upper(risk, weight, share), 1) for share in SHARES)
        cuts[name] = (watch, high, critical)
    return cuts


def _upper(risk: FloatArray, weight: FloatArray, share: float) -> float:
    """Return the risk that `share` of the weight reaches."""
    order = np.argsort(-risk, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(risk[order][min(int(np.searchsorted(reached, share)), risk.size - 1)])
