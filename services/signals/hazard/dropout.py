"""Fitting BG/NBD to a population: maximum likelihood with a weak prior.

The prior pulls the logarithms of the parameters towards those shipped with the product, with the
force of a handful of accounts: it decides alone for one account and is unheard among hundreds.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

from services.signals.features.dropout import DropoutParams, FloatArray, Frequency
from services.signals.features.facts import Facts
from services.signals.features.history import DemandDays
from services.signals.features.matrix import frequency

SHIPPED = DropoutParams(r=0.9, alpha=1.6, a=0.6, b=7.8)
"""Middle of the populations that the shipped model was trained on; rates per month."""

_PRIOR_SPREAD = np.array([1.0, 2.0, 1.0, 1.0])  # of the logarithms; the time scale varies most
_BOUNDS = [(np.log(1e-3), np.log(1e3))] * 4


def fit_dropout(facts: Facts, day: int, start: DropoutParams | None = None) -> DropoutParams:
    """Return the parameters of all accounts of `facts` as of `day`; `start` warms the search."""
    return fit_frequency(frequency(DemandDays(facts).as_of(day)), start)


def fit_frequency(seen: Frequency, start: DropoutParams | None = None) -> DropoutParams:
    """Return the parameters that maximise likelihood x prior; `SHIPPED` for nobody."""
    known = seen.age > 0
    if not known.any():
        return SHIPPED
    seen = Frequency(seen.x[known], seen.t_x[known], seen.age[known])
    centre = np.log(np.array(SHIPPED))

    def cost(logs: FloatArray) -> float:
        pull = float((((logs - centre) / _PRIOR_SPREAD) ** 2).sum()) / 2
        return (pull - float(_log_likelihood(np.exp(logs), seen).sum())) / seen.x.size

    guess = np.clip(np.log(np.array(start or SHIPPED)), _BOUNDS[0][0], _BOUNDS[0][1])
    found = minimize(cost, guess, method="L-BFGS-B", bounds=_BOUNDS, options={"maxiter": 200})
    logs = found.x if np.isfinite(found.fun) else centre
    return DropoutParams(*(float(value) for value in np.exp(logs)))


def _log_likelihood(params: FloatArray, seen: Frequency) -> FloatArray:
    r, alpha, a, b = params
    x = seen.x
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    alive = betaln(a, b + x) - (r + x) * np.log(alpha + seen.age)
    gone = betaln(a + 1, np.maximum(b + x - 1, 1e-9)) - (r + x) * np.log(alpha + seen.t_x)
    return np.asarray(common + np.where(x > 0, np.logaddexp(alive, gone), alive))
