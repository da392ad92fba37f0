"""BG/NBD: buying at a gamma-distributed rate, with a beta-distributed chance to stop after each.

Fader, Hardie and Lee, "Counting your customers the easy way", Marketing Science 24(2), 2005.
Times are in months of `MONTH_DAYS` days; a purchase is a demand day.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


class DropoutParams(NamedTuple):
    """Parameters of the population: rate ~ Gamma(r, alpha), drop-out ~ Beta(a, b)."""

    r: float
    alpha: float
    a: float
    b: float


class Frequency(NamedTuple):
    """Sufficient statistics per account: repeat count `x`, months to the last `t_x`, age `age`."""

    x: FloatArray
    t_x: FloatArray
    age: FloatArray


def alive_probability(params: DropoutParams, seen: Frequency) -> FloatArray:
    """Return P(still a customer) per account, in (0, 1]."""
    r, alpha, a, b = params
    log_odds_gone = (
        np.log(a)
        - np.log(np.maximum(b + seen.x - 1, 1e-9))
        + (r + seen.x) * (np.log(alpha + seen.age) - np.log(alpha + seen.t_x))
    )
    gone = np.where(seen.x > 0, np.exp(np.clip(log_odds_gone, -700, 700)), 0.0)
    return 1.0 / (1.0 + gone)


def silence_probability(
    params: DropoutParams, seen: Frequency, alive: FloatArray, months: float
) -> FloatArray:
    """Return P(no purchase in the next `months`): gone, or alive and waiting."""
    r, alpha = params.r, params.alpha
    waits = np.exp((r + seen.x) * (np.log(alpha + seen.age) - np.log(alpha + seen.age + months)))
    return np.asarray(1.0 - alive + alive * waits)
