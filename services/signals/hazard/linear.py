"""A linear scorer of the features, and its fit: ridge logistic regression with known directions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from scipy.special import expit

from services.signals.hazard.interface import BoolArray, FloatArray


@dataclass(frozen=True, slots=True)
class Linear:
    """logit = intercept + sum of (x - mean) / scale * coefficient."""

    intercept: float
    mean: FloatArray
    scale: FloatArray
    coefficients: FloatArray

    def addends(self, values: FloatArray) -> FloatArray:
        """Return (n, k): what each feature adds; zero at the mean."""
        return (values - self.mean) / self.scale * self.coefficients

    def logits(self, values: FloatArray) -> FloatArray:
        """Return (n,) logits; a row's does not depend on the rows beside it."""
        return np.asarray(self.intercept + self.addends(values).sum(axis=1))

    def mixed(self, other: Self, weight: float) -> Self:
        """Return (1 - weight) x this + weight x `other`, as one scorer around this mean."""
        slope = (1.0 - weight) * self.coefficients / self.scale
        slope = slope + weight * other.coefficients / other.scale
        moved = other.intercept + float(
            ((self.mean - other.mean) / other.scale) @ other.coefficients
        )
        intercept = (1.0 - weight) * self.intercept + weight * moved
        return replace(self, intercept=intercept, coefficients=slope * self.scale)

    def content(self) -> dict[str, Any]:
        """Return plain numbers for an artifact."""
        return {
            "kind": "linear",
            "intercept": self.intercept,
            "mean": self.mean.tolist(),
            "scale": self.scale.tolist(),
            "coefficients": self.coefficients.tolist(),
        }

    @classmethod
    def read(cls, content: dict[str, Any]) -> Self:
        """Return what `content` gave."""
        arrays = (np.array(content[name], float) for name in ("mean", "scale", "coefficients"))
        return cls(float(content["intercept"]), *arrays)


def fit_linear(
    values: FloatArray,
    outcome: BoolArray,
    weight: FloatArray,
    *,
    ridge: float,
    signs: FloatArray,
    centre: Linear | None = None,
) -> Linear:
    """Return the ridge logistic regression on standardised features; see `fit_logistic`.

    With a `centre` its standardisation is used and its coefficients are what the ridge draws to;
    a feature without weight in the centre is standardised here and drawn to zero.
    """
    share = weight / weight.sum()
    mean = share @ values
    scale = np.sqrt(share @ (values - mean) ** 2)
    scale = np.where(scale > 1e-9, scale, 1.0)
    middle = None
    if centre is not None:
        used = centre.coefficients != 0.0
        mean, scale = np.where(used, centre.mean, mean), np.where(used, centre.scale, scale)
        middle = np.append(centre.intercept, centre.coefficients)
    design = np.column_stack([np.ones(len(values)), (values - mean) / scale])
    solution = fit_logistic(design, outcome, weight, ridge, np.append(0.0, signs), middle)
    return Linear(float(solution[0]), mean, scale, solution[1:])


def fit_logistic(
    design: FloatArray,
    outcome: Any,
    weight: FloatArray,
    ridge: float,
    signs: FloatArray,
    centre: FloatArray | None = None,
) -> FloatArray:
    """Return coefficients of weighted ridge logistic regression with bounded directions.

    The penalty is `ridge` x the sum of the weights per unit of squared distance from `centre`;
    without a centre it is zero and the first column is not penalised. `signs` (k,): 1 keeps a
    coefficient >= 0, -1 <= 0, 0 is free.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 (half of a start, for the rare fit)

    y = np.asarray(outcome, dtype=np.float64)
    weight = weight / weight.sum()
    penalty = np.full(design.shape[1], max(ridge, 1e-9))
    if centre is None:
        penalty[0] = 1e-9
    middle = np.zeros(design.shape[1]) if centre is None else centre

    def cost(solution: FloatArray) -> tuple[float, FloatArray]:
        z, off = design @ solution, solution - middle
        loss = weight @ (np.logaddexp(0.0, z) - y * z) + penalty @ off**2 / 2
        return float(loss), design.T @ (weight * (expit(z) - y)) + penalty * off

    bounds = [(0.0 if sign > 0 else None, 0.0 if sign < 0 else None) for sign in signs]
    options = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8}
    found = minimize(cost, middle, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x)
