"""What any model must beat on the same rows: chance, days of silence, and BG/NBD.

Each has a natural order; its level comes from the closed windows by a Platt map per horizon
(BG/NBD's own probability is kept for three months).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from services.signals.features.matrix import NAMES
from services.signals.hazard.interface import (
    HORIZONS,
    FloatArray,
    Forecast,
    Labels,
)
from services.signals.hazard.platt import platt
from services.signals.training.rolling import Fitted, Method
from services.signals.training.rows import Rows

_ENOUGH = 5
"""Rows of either kind from which a level is fitted; before that the number itself is the logit."""


def baselines() -> tuple[Method, ...]:
    """Return chance, recency, recency over the own mean gap, and BG/NBD."""
    return (
        Chance(0),
        Order("recency", lambda rows: np.log(rows.recency + 0.5)),
        Order("recency-ratio", lambda rows: column(rows, "recency_mean")),
        Order("bgnbd", lambda rows: column(rows, "bgnbd_logit"), own_level=True),
    )


def column(rows: Rows, name: str) -> FloatArray:
    """Return one feature of all rows."""
    return np.asarray(rows.values[:, NAMES.index(name)])


@dataclass(frozen=True)
class Order:
    """An order of the accounts by one number."""

    name: str
    rank: Callable[[Rows], FloatArray]
    own_level: bool = False

    def fit(self, rows: Rows, month: int) -> Fitted:
        """Return the order with a level per horizon."""
        return _Levelled(self.rank, levels(self.rank(rows), rows.labels(month)), self.own_level)


@dataclass(frozen=True)
class _Levelled:
    rank: Callable[[Rows], FloatArray]
    maps: FloatArray  # (12, 2)
    own_level: bool

    def predict(self, rows: Rows, past: Rows) -> Forecast:
        del past
        z = self.rank(rows)
        logits = self.maps[:, 0] + np.outer(z, self.maps[:, 1])
        if self.own_level:
            logits[:, 0] = z
        curve = expit(np.maximum.accumulate(logits, axis=1))
        return Forecast(curve, np.full(z.size, np.nan))


@dataclass(frozen=True)
class Chance:
    """A random order at the level of the past; the same one for the same seed."""

    seed: int
    name: str = "random"

    def fit(self, rows: Rows, month: int) -> Fitted:
        """Return the shares of the past."""
        labels = rows.labels(month)
        lost, seen = labels.lost.sum(axis=0), labels.known.sum(axis=0)
        return _Drawn(self.seed, np.log(lost + 0.5) - np.log(seen - lost + 0.5))


@dataclass(frozen=True)
class _Drawn:
    seed: int
    logits: FloatArray  # (12,)

    def predict(self, rows: Rows, past: Rows) -> Forecast:
        del past
        month = int(rows.month[0]) if rows.month.size else 0
        order = np.random.default_rng((self.seed, month)).random(rows.month.size)
        logits = np.maximum.accumulate(self.logits) + 1e-6 * order[:, None]
        return Forecast(expit(logits), np.full(rows.month.size, np.nan))


def levels(z: FloatArray, labels: Labels) -> FloatArray:
    """Return (12, 2): intercept and slope of the logit of P_h on `z`, never turning the order."""
    maps = np.tile((0.0, 1.0), (HORIZONS, 1))
    for h in range(HORIZONS):
        here = labels.known[:, h]
        outcome = labels.lost[here, h]
        few = min(int(outcome.sum()), int((~outcome).sum())) < _ENOUGH
        maps[h] = maps[max(h - 1, 0)] if few else platt(z[here], outcome)
    return maps
