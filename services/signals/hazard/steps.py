"""The discrete-time hazard: from the 3-month logit to the curve of twelve months.

The ranking is that of the 3-month logit z. The level of the months ahead comes from hazards:
P(a loss starts in month k | none before) = expit(alpha_k + beta_k z), k = 2..12, each fitted on
the newest windows that are closed for it. P_h = 1 - (1 - P_1) x the product of what they spare,
so the curve never falls and begins with the risk.
"""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
from scipy.special import expit, log_expit

from services.signals.hazard.interface import HORIZONS, FloatArray, Labels
from services.signals.hazard.linear import fit_logistic

_KEEP = 100.0
"""Rows' worth of belief in the hazard of the month before, or in that of the prior."""


class Steps(NamedTuple):
    """Hazards of the months 2..12 as lines in z."""

    alpha: FloatArray  # (11,)
    beta: FloatArray  # (11,)

    @classmethod
    def blank(cls) -> Self:
        """Return hazards of about 4 % a month at an even risk."""
        return cls(np.full(HORIZONS - 1, -3.0), np.full(HORIZONS - 1, 0.5))

    def curve_logits(self, z: FloatArray) -> FloatArray:
        """Return (n, 12) logits of P_h; column 0 is z itself."""
        kept = log_expit(-z)
        out = np.empty((z.size, HORIZONS))
        out[:, 0] = z
        for step in range(HORIZONS - 1):
            kept = kept + log_expit(-(self.alpha[step] + self.beta[step] * z))
            out[:, step + 1] = np.log(-np.expm1(kept)) - kept
        return np.asarray(np.maximum.accumulate(out, axis=1))


def fit_steps(z: FloatArray, labels: Labels, prior: Steps | None = None) -> Steps:
    """Return hazards fitted to the closed windows, drawn towards `prior` (or the month before)."""
    alpha, beta = (np.array(part) for part in (prior or Steps.blank()))
    for step in range(HORIZONS - 1):
        if prior is None and step:
            alpha[step], beta[step] = alpha[step - 1], beta[step - 1]
        used = labels.known[:, step + 1] & ~labels.lost[:, step]
        if not used.any():
            continue
        line = np.column_stack([np.ones(int(used.sum())), z[used]])
        alpha[step], beta[step] = fit_logistic(
            line,
            labels.lost[used, step + 1],
            labels.weight[used],
            _KEEP / used.sum(),
            np.zeros(2),
            np.array([alpha[step], beta[step]]),
        )
    return Steps(alpha, beta)


def implied_hazard(z: FloatArray, steps: Steps) -> FloatArray:
    """Return (n, 11): the hazards themselves."""
    return np.asarray(expit(steps.alpha + np.outer(z, steps.beta)))
