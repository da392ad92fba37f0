"""The local model: a company's own closed windows, blended with the prior as they accumulate.

logit = w x local + (1 - w) x prior, w = n / (n + `HALF`), n = closed labels that were lost.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.signals.features.matrix import NAMES, SIGNS
from services.signals.hazard.blend import LossBlend, Member
from services.signals.hazard.interface import FloatArray, Labels
from services.signals.hazard.linear import Linear, fit_linear
from services.signals.hazard.steps import fit_steps
from services.signals.training.rows import Rows

HALF = 1000.0
"""Closed lost labels at which the local model weighs as much as the prior."""

RIDGE = 1e-2
"""Penalty per unit of weight on the standardised coefficients."""


def fit_local(rows: Rows, month: int, prior: LossBlend, version: str | None = None) -> LossBlend:
    """Return `prior` blended with a model of the windows of `rows` that had closed by `month`.

    Reads no label that was open then; returns the prior's ranking where nothing was lost yet.
    Version, cuts and manifest are the prior's unless they are replaced by the caller.
    """
    seen = rows.take(rows.month < month)
    labels = seen.labels(month)
    lost = int(labels.lost[:, 0].sum())
    model = replace(prior, version=version or prior.version)
    if not 0 < lost < int(labels.known[:, 0].sum()):
        return model
    weight = lost / (lost + HALF)
    members = (
        *(one._replace(weight=one.weight * (1.0 - weight)) for one in prior.members),
        Member("local", weight, fit_ridge(seen.values, labels)),
    )
    model = replace(model, members=members)
    steps = fit_steps(model.logits(seen.values), labels, prior.steps)
    return replace(model, steps=steps, erosion=_erosion(seen.values, labels, prior.erosion))


def fit_ridge(values: FloatArray, labels: Labels) -> Linear:
    """Return the ridge logistic regression of the 3-month loss with known directions."""
    closed = labels.known[:, 0]
    signs = np.array([SIGNS.get(name, 0) for name in NAMES], dtype=np.float64)
    return fit_linear(
        values[closed], labels.lost[closed, 0], labels.weight[closed], ridge=RIDGE, signs=signs
    )


def fit_erosion(values: FloatArray, labels: Labels) -> Linear:
    """Return the ridge logistic regression of the erosion."""
    closed = labels.eroded_known
    return fit_linear(
        values[closed],
        labels.eroded[closed],
        labels.weight[closed],
        ridge=RIDGE,
        signs=np.zeros(len(NAMES)),
    )


def _erosion(values: FloatArray, labels: Labels, prior: Linear) -> Linear:
    """Return the blend of both erosion heads, by the count of closed eroded labels."""
    eroded, known = int(labels.eroded.sum()), int(labels.eroded_known.sum())
    if not 0 < eroded < known:
        return prior
    return prior.mixed(fit_erosion(values, labels), eroded / (eroded + HALF))
