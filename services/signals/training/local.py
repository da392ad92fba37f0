"""The local model: a company's own closed windows, blended with the prior as far as they earn it.

Two ridge regressions learn from the closed windows: one is drawn towards the prior's coefficients,
one towards none. How much they, the prior's regression and BG/NBD weigh in the logit is stacked
out of time: with models of the older windows on the newest third of the losses. It starts from
`DRAWN` for the one drawn towards the prior; of the rest, n / (n + `HALF`) is the other local one's,
n = closed lost labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from services.signals.features.matrix import NAMES, SIGNS
from services.signals.hazard.blend import LossBlend, Member
from services.signals.hazard.interface import BoolArray, FloatArray, Labels
from services.signals.hazard.linear import Linear, fit_linear
from services.signals.hazard.steps import fit_steps
from services.signals.training.rows import Rows

HALF = 1000.0
"""Closed lost labels at which the undrawn one is expected to weigh as much as the prior."""

PULL = 1000.0
"""Rows' worth of belief per unit of squared standardised coefficient, in prior and in nothing."""

DRAWN = 0.5
"""Expected weight of the regression drawn towards the prior's; few labels leave it near that."""

_SPREAD = 0.3  # of the weights around what is expected of them
_OVERLAP = 3.0  # a loss is seen by three cutoffs
_NEWEST = 1.0 / 3.0  # share of the losses on which the weights are stacked
_MIN_LOST = 20
_SIGNS = np.array([SIGNS.get(name, 0) for name in NAMES], dtype=np.float64)
_GRID = np.array([one for one in product(range(11), repeat=4) if sum(one) == 10]) / 10.0


def fit_local(rows: Rows, month: int, prior: LossBlend, version: str | None = None) -> LossBlend:
    """Return `prior` blended with models of the windows of `rows` that had closed by `month`.

    Reads no label that was open then; returns the prior's ranking where nothing was lost yet.
    Version, cuts and manifest are the prior's unless they are replaced by the caller.
    """
    seen = rows.take(rows.month < month)
    labels = seen.labels(month)
    model = replace(prior, version=version or prior.version)
    if not _has_both(labels.lost[:, 0], labels.known[:, 0]):
        return model
    local = tuple(_local(seen.values, labels, prior))
    weights = _stacked(seen, month, prior, int(labels.lost[:, 0].sum()))
    members = (
        Member("drawn", weights[0], local[0]),
        Member("own", weights[1], local[1]),
        *(one._replace(weight=w) for one, w in zip(prior.members, weights[2:], strict=True)),
    )
    model = replace(model, members=members)
    steps = fit_steps(model.logits(seen.values), labels, prior.steps)
    return replace(model, steps=steps, erosion=_erosion(seen.values, labels, prior.erosion))


def _local(values: FloatArray, labels: Labels, prior: LossBlend) -> Iterator[Linear]:
    """Return the regression drawn towards the prior's and the one drawn towards nothing."""
    closed = labels.known[:, 0]
    values, lost = values[closed], labels.lost[closed, 0]
    weight = np.ones(len(values))
    ridge = PULL / len(values)
    centre = prior.members[0].scorer
    yield fit_linear(values, lost, weight, ridge=ridge, signs=_SIGNS, centre=centre)
    yield fit_linear(values, lost, weight, ridge=ridge, signs=_SIGNS)


def _stacked(rows: Rows, month: int, prior: LossBlend, lost: int) -> list[float]:
    """Return the weights of drawn, own, prior and BG/NBD; those expected while losses are few."""
    share = lost / (lost + HALF)
    first, second = (one.weight * (1.0 - share) for one in prior.members)
    expected = np.append(DRAWN, (1.0 - DRAWN) * np.array([share, first, second]))
    closed = rows.take(rows.labels(month).known[:, 0])
    start = _newest(closed)
    older, newest = closed.take(closed.month + 3 <= start), closed.take(closed.month >= start)
    labels = older.labels(start)
    if labels.lost[:, 0].sum() < _MIN_LOST or not _has_both(labels.lost[:, 0], labels.known[:, 0]):
        return [float(one) for one in expected]
    scorers = (*_local(older.values, labels, prior), *(one.scorer for one in prior.members))
    logits = np.column_stack([one.logits(newest.values) for one in scorers])
    misfit = np.array([_misfit(logits @ one, newest.lost[:, 0]) for one in _GRID]) / _OVERLAP
    misfit += ((_GRID - expected) ** 2).sum(axis=1) / (2.0 * _SPREAD**2)
    return [float(one) for one in _GRID[int(misfit.argmin())]]


def _newest(closed: Rows) -> int:
    """Return the month from which on the newest share of the losses lies."""
    lost = np.bincount(closed.month, weights=closed.lost[:, 0])
    later = np.cumsum(lost[::-1])[::-1]
    return int(np.flatnonzero(later >= _NEWEST * later[0]).max())


def _misfit(z: FloatArray, lost: BoolArray) -> float:
    return float((np.logaddexp(0.0, z) - lost * z).sum())


def _has_both(lost: BoolArray, known: BoolArray) -> bool:
    return 0 < int(lost.sum()) < int(known.sum())


def fit_erosion(values: FloatArray, labels: Labels, centre: Linear | None = None) -> Linear:
    """Return the ridge logistic regression of the erosion, drawn towards `centre` if given."""
    closed = labels.eroded_known
    ridge = 0.02 if centre is None else PULL / int(closed.sum())
    return fit_linear(
        values[closed],
        labels.eroded[closed],
        labels.weight[closed],
        ridge=ridge,
        signs=np.zeros(len(NAMES)),
        centre=centre,
    )


def _erosion(values: FloatArray, labels: Labels, prior: Linear) -> Linear:
    """Return the erosion head drawn towards the prior's."""
    if not _has_both(labels.eroded, labels.eroded_known):
        return prior
    return fit_erosion(values, labels, prior)
