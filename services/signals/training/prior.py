"""The prior: fitted on whole populations, with one artifact per population left out.

A backtest of a set must not use a prior that has seen it; `load_prior` tells by fingerprint.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.signals.features.dropout import DropoutParams
from services.signals.features.facts import Facts
from services.signals.features.history import DemandDays
from services.signals.features.matrix import LOCAL, NAMES, SIGNS, frequency
from services.signals.hazard.blend import LossBlend, Member
from services.signals.hazard.dropout import fit_frequency
from services.signals.hazard.interface import FloatArray, Labels
from services.signals.hazard.linear import Linear, fit_linear
from services.signals.hazard.model import SHIPPED_VERSION, left_out_version, shipped
from services.signals.hazard.steps import Steps, fit_steps
from services.signals.training.fingerprint import is_same
from services.signals.training.local import fit_erosion
from services.signals.training.population import Population
from services.signals.training.rows import Rows

RIDGE = 0.02
"""Penalty per unit of weight on the standardised coefficients."""

_RIDGE_SHARE = 0.4  # the rest is BG/NBD's
_CUTS = (30.0, 50.0, 70.0)


class PriorKnowsThisError(ValueError):
    """The events overlap with several sets that the prior was trained on: none leaves all out."""


def load_prior(excluding: Facts | None = None) -> LossBlend:
    """Return the shipped prior, or the one that never saw the set that `excluding` belongs to.

    The version of what is returned says what is left out (`prior-1.without-scms`).
    """
    full = shipped(SHIPPED_VERSION)
    if excluding is None:
        return full
    seen = [
        name
        for name, one in full.manifest["data"].items()
        if is_same(one["fingerprint"].split(), excluding)
    ]
    if len(seen) > 1:
        raise PriorKnowsThisError(f"these events are in several sets of the prior: {seen}")
    return shipped(left_out_version(SHIPPED_VERSION, seen[0])) if seen else full


def fit_prior(version: str, sets: list[tuple[Population, Rows]]) -> LossBlend:
    """Return the prior fitted to every closed window, with equal weight per population."""
    values = np.concatenate([rows.values for _, rows in sets])
    labels = _pooled([rows for _, rows in sets])
    model = LossBlend(
        version=version,
        names=NAMES,
        members=(
            Member("prior", _RIDGE_SHARE, _scale_free(values, labels)),
            Member("drop-out", 1.0 - _RIDGE_SHARE, dropout_scorer()),
        ),
        steps=Steps.blank(),
        erosion=fit_erosion(values, labels),
        cuts={"going_silent": _CUTS, "active_at_risk": _CUTS},
        dropout=middle_dropout([population for population, _ in sets]),
    )
    return replace(model, steps=fit_steps(model.logits(values), labels))


def _scale_free(values: FloatArray, labels: Labels) -> Linear:
    """Return the ridge logistic regression of the loss, without the features that have a scale."""
    closed = labels.known[:, 0]
    free = np.array([name not in LOCAL for name in NAMES])
    signs = np.array([SIGNS.get(name, 0) for name in NAMES], dtype=np.float64)
    found = fit_linear(
        values[closed][:, free],
        labels.lost[closed, 0],
        labels.weight[closed],
        ridge=RIDGE,
        signs=signs[free],
    )
    mean, scale, coefficients = np.zeros(free.size), np.ones(free.size), np.zeros(free.size)
    mean[free], scale[free], coefficients[free] = found.mean, found.scale, found.coefficients
    return Linear(found.intercept, mean, scale, coefficients)


def dropout_scorer() -> Linear:
    """Return BG/NBD's own logit as a scorer."""
    chosen = np.array([float(name == "bgnbd_logit") for name in NAMES])
    return Linear(0.0, np.zeros(len(NAMES)), np.ones(len(NAMES)), chosen)


def middle_dropout(populations: list[Population]) -> DropoutParams:
    """Return the middle (mean of logarithms) of the populations' own parameters."""
    fits = [
        fit_frequency(frequency(DemandDays(one.facts).as_of(int(one.months[-1]))))
        for one in populations
    ]
    return DropoutParams(*(float(value) for value in np.exp(np.mean(np.log(fits), axis=0))))


def _pooled(parts: list[Rows]) -> Labels:
    labels = [
        rows.labels(weight=np.full(len(rows.month), 1.0 / max(len(rows.month), 1)))
        for rows in parts
    ]
    return Labels(*(np.concatenate(arrays) for arrays in zip(*labels, strict=True)))
