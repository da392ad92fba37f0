"""Ridge logistic regression on scale-free features, with a Platt map per horizon.

The 3-month logit z is linear, so its explanation is exact. The curve is
logit P_h = alpha_h + beta_h * z with alpha_1 = 0 and beta_1 = 1.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from services.signals.features.dropout import DropoutParams
from services.signals.features.matrix import GROUPS, SIGNS, FeatureMatrix
from services.signals.hazard.interface import HORIZONS, FloatArray, Labels, Parts

RIDGE = 1e-2
"""Penalty per unit of weight on the standardised coefficients."""


class ArtifactError(ValueError):
    """A stored model that this code cannot use: the message names the file and the field."""


@dataclass(frozen=True)
class LogisticModel:
    """Plain arrays: means, scales and coefficients of the features, and the Platt map."""

    version: str
    names: tuple[str, ...]
    mean: FloatArray
    scale: FloatArray
    coefficients: FloatArray
    intercept: float
    alpha: FloatArray  # (12,)
    beta: FloatArray  # (12,)
    cuts: dict[str, tuple[float, float, float]]
    dropout: DropoutParams
    manifest: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def blank(cls, version: str, names: tuple[str, ...], dropout: DropoutParams) -> Self:
        """Return an unfitted model of these features, with the fallback cuts."""
        k, cuts = len(names), (30.0, 50.0, 70.0)
        zeros, ones = np.zeros(k), np.ones(k)
        return cls(
            version=version,
            names=names,
            mean=zeros,
            scale=ones,
            coefficients=zeros,
            intercept=0.0,
            alpha=np.zeros(HORIZONS),
            beta=np.ones(HORIZONS),
            cuts={"going_silent": cuts, "active_at_risk": cuts},
            dropout=dropout,
        )

    def fit(self, features: FeatureMatrix, labels: Labels) -> Self:
        """Return a copy fitted to the closed labels: first z, then one Platt map per horizon."""
        values = self._columns(features)
        weight = labels.weight / labels.weight.sum()
        mean = weight @ values
        scale = np.sqrt(weight @ (values - mean) ** 2)
        scale = np.where(scale > 1e-9, scale, 1.0)
        known = labels.known[:, 0]
        design = np.column_stack([np.ones(known.sum()), (values[known] - mean) / scale])
        signs = np.array([0.0, *(SIGNS.get(name, 0) for name in self.names)])
        solution = fit_logistic(design, labels.lost[known, 0], labels.weight[known], RIDGE, signs)
        z = np.column_stack([np.ones(len(values)), (values - mean) / scale]) @ solution
        alpha, beta = np.zeros(HORIZONS), np.ones(HORIZONS)
        for h in range(1, HORIZONS):
            closed = labels.known[:, h]
            alpha[h], beta[h] = alpha[h - 1], beta[h - 1]
            if labels.lost[closed, h].any() and not labels.lost[closed, h].all():
                line = np.column_stack([np.ones(closed.sum()), z[closed]])
                alpha[h], beta[h] = fit_logistic(
                    line, labels.lost[closed, h], labels.weight[closed], 0.0, np.zeros(2)
                )
        return replace(
            self,
            mean=mean,
            scale=scale,
            coefficients=solution[1:],
            intercept=float(solution[0]),
            alpha=alpha,
            beta=beta,
        )

    def curve_logits(self, features: FeatureMatrix) -> FloatArray:
        """Return (n, 12) logits of P_h, not yet forced to be monotone."""
        z = self.intercept + self._addends(features).sum(axis=1)
        return self.alpha + np.outer(z, self.beta)

    def explain(self, features: FeatureMatrix) -> Parts:
        """Return the logit of the mean account of training and each group's distance from it."""
        addends = self._addends(features)
        groups = tuple(dict.fromkeys(GROUPS[name] for name in self.names))
        member = np.array([[GROUPS[name] == group for group in groups] for name in self.names])
        return Parts(self.intercept, groups, addends @ member.astype(np.float64))

    def save(self, path: Path) -> None:
        """Write the model as one JSON file of plain numbers."""
        content = {
            "version": self.version,
            "features": list(self.names),
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "coefficients": self.coefficients.tolist(),
            "intercept": self.intercept,
            "alpha": self.alpha.tolist(),
            "beta": self.beta.tolist(),
            "cuts": self.cuts,
            "dropout": self.dropout._asdict(),
            "manifest": self.manifest,
        }
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a saved model; raise `ArtifactError` when it is not one."""
        content = json.loads(path.read_text(encoding="utf-8"))
        try:
            unknown = sorted(set(content["features"]) - set(GROUPS))
            if unknown:
                raise ArtifactError(f"{path}: features this version does not know: {unknown}")
            return cls(
                version=content["version"],
                names=tuple(content["features"]),
                mean=np.array(content["mean"], dtype=np.float64),
                scale=np.array(content["scale"], dtype=np.float64),
                coefficients=np.array(content["coefficients"], dtype=np.float64),
                intercept=float(content["intercept"]),
                alpha=np.array(content["alpha"], dtype=np.float64),
                beta=np.array(content["beta"], dtype=np.float64),
                cuts={name: tuple(cuts) for name, cuts in content["cuts"].items()},
                dropout=DropoutParams(**content["dropout"]),
                manifest=content["manifest"],
            )
        except KeyError as missing:
            raise ArtifactError(f"{path}: no field {missing}") from missing

    def _columns(self, features: FeatureMatrix) -> FloatArray:
        if features.names == self.names:
            return features.values
        return features.values[:, [features.names.index(name) for name in self.names]]

    def _addends(self, features: FeatureMatrix) -> FloatArray:
        return (self._columns(features) - self.mean) / self.scale * self.coefficients


def fit_logistic(
    design: FloatArray, outcome: Any, weight: FloatArray, ridge: float, signs: FloatArray
) -> FloatArray:
    """Return coefficients of weighted ridge logistic regression with bounded directions.

    The first column of `design` is not penalised; the penalty is `ridge` x the sum of the weights
    per unit of squared coefficient. `signs` (k,): 1 keeps a coefficient >= 0, -1 <= 0, 0 is free.
    """
    y = np.asarray(outcome, dtype=np.float64)
    weight = weight / weight.sum()
    penalty = np.full(design.shape[1], max(ridge, 1e-9))
    penalty[0] = 1e-9

    def cost(solution: FloatArray) -> tuple[float, FloatArray]:
        z = design @ solution
        loss = weight @ (np.logaddexp(0.0, z) - y * z) + penalty @ solution**2 / 2
        return float(loss), design.T @ (weight * (expit(z) - y)) + penalty * solution

    bounds = [(0.0 if sign > 0 else None, 0.0 if sign < 0 else None) for sign in signs]
    start = np.zeros(design.shape[1])
    options = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8}
    found = minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x)
