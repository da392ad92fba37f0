"""Fitting BG/NBD to a population: maximum likelihood with a weak prior.

The prior pulls the logarithms of the parameters towards those shipped with the product, with the
force of a handful of accounts: it decides alone for one account and is unheard among hundreds.
"""

from __future__ import annotations

import numpy as np
from scipy.special import betaln, digamma, gammaln

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
    from scipy.optimize import minimize  # noqa: PLC0415 (half of a start, for the rare fit)

    known = seen.age > 0
    if not known.any():
        return SHIPPED
    seen = Frequency(seen.x[known], seen.t_x[known], seen.age[known])
    centre = np.log(np.array(SHIPPED))

    def cost(logs: FloatArray) -> tuple[float, FloatArray]:
        params, pull = np.exp(logs), (logs - centre) / _PRIOR_SPREAD
        fit, slope = _log_likelihood(params, seen)
        value = float(pull @ pull) / 2 - fit
        return value / seen.x.size, (pull / _PRIOR_SPREAD - slope * params) / seen.x.size

    guess = np.clip(np.log(np.array(start or SHIPPED)), _BOUNDS[0][0], _BOUNDS[0][1])
    options = {"maxiter": 200}
    found = minimize(cost, guess, jac=True, method="L-BFGS-B", bounds=_BOUNDS, options=options)
    logs = found.x if np.isfinite(found.fun) else centre
    return DropoutParams(*(float(value) for value in np.exp(logs)))


def _log_likelihood(params: FloatArray, seen: Frequency) -> tuple[float, FloatArray]:
    """Return the population's log-likelihood and its slope by (r, alpha, a, b)."""
    r, alpha, a, b = params
    x, repeats = seen.x, seen.x > 0
    log_age, log_last = np.log(alpha + seen.age), np.log(alpha + seen.t_x)
    below = np.maximum(b + x - 1, 1e-9)
    alive = betaln(a, b + x) - (r + x) * log_age
    gone = np.where(repeats, betaln(a + 1, below) - (r + x) * log_last, -np.inf)
    either = np.logaddexp(alive, gone)
    value = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b) + either
    is_alive = np.exp(alive - either)
    is_gone = 1.0 - is_alive
    total = digamma(a + b + x)
    slope_r = digamma(r + x) - digamma(r) + np.log(alpha) - is_alive * log_age - is_gone * log_last
    slope_alpha = r / alpha - (r + x) * (
        is_alive / (alpha + seen.age) + is_gone / (alpha + seen.t_x)
    )
    slope_a = (
        digamma(a + b)
        - digamma(a)
        + is_alive * (digamma(a) - total)
        + is_gone * (digamma(a + 1) - total)
    )
    slope_b = (
        digamma(a + b)
        - digamma(b)
        + is_alive * (digamma(b + x) - total)
        + np.where(repeats, is_gone * (digamma(below) - total), 0.0)
    )
    slopes = (slope_r, slope_alpha, slope_a, slope_b)
    return float(value.sum()), np.array([part.sum() for part in slopes])
