"""Cuts of the bands, per list, by alert budget."""

from __future__ import annotations

import numpy as np

from services.signals.hazard.interface import FloatArray
from services.signals.training.report import Prediction

SHARES = (0.25, 0.10, 0.03)
"""Share of a list at or above watch, high (the alert budget) and critical."""

FALLBACK = (0.30, 0.50, 0.70)
"""No cut lies above these: who is more likely lost than kept is never called healthy."""


def budget_cuts(predictions: list[Prediction]) -> dict[str, tuple[float, float, float]]:
    """Return (watch, high, critical) in points per list, from out-of-time risks.

    A cut is the risk that the share of the list reaches in the middle population (mean of the
    populations' logits), or the fallback where that is lower. With it the list of those going
    silent exceeds its budget; the weekly budget of alerts per person then decides.
    """
    cuts = {}
    for name, active in (("active_at_risk", True), ("going_silent", False)):
        risks = [curves[rows.active == active, 0] for rows, curves, _ in predictions]
        reached = [[_upper(risk, share) for share in SHARES] for risk in risks if risk.size]
        middle = 1.0 / (1.0 + np.exp(-np.mean(_logit(np.array(reached)), axis=0)))
        watch, high, critical = np.round(100 * np.minimum(middle, FALLBACK), 1).tolist()
        cuts[name] = (watch, high, critical)
    return cuts


def _upper(risk: FloatArray, share: float) -> float:
    return float(np.quantile(risk, 1.0 - share))


def _logit(p: FloatArray) -> FloatArray:
    return np.asarray(np.log(p) - np.log1p(-p))
