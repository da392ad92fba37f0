"""Platt's map: a level for an order, by logistic regression on one number."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from services.signals.hazard.interface import BoolArray, FloatArray


def platt(z: FloatArray, outcome: BoolArray) -> tuple[float, float]:
    """Return intercept and slope (>= 0) of the logistic regression on one number, by Newton."""
    centre, scale = float(z.mean()), float(z.std()) or 1.0
    design = np.column_stack([np.ones(z.size), (z - centre) / scale])
    solution, ridge = np.zeros(2), np.diag([1e-6, 1e-3])
    for _ in range(25):
        p = expit(design @ solution)
        slope = design.T @ (p - outcome) + ridge @ solution
        curvature = (design * (p * (1 - p))[:, None]).T @ design + ridge
        step = np.clip(np.linalg.solve(curvature, slope), -2.0, 2.0)
        solution = solution - step
        if float(np.abs(step).max()) < 1e-8:
            break
    if solution[1] <= 0:
        share = float(outcome.mean())
        return float(np.log(share) - np.log1p(-share)), 0.0
    return float(solution[0] - solution[1] * centre / scale), float(solution[1] / scale)
