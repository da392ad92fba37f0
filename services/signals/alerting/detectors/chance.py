"""How likely chance alone explains a fall (decision 0012)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betainc

FloatArray = npt.NDArray[np.float64]


def drop_chance(recent: FloatArray, before: FloatArray, share: FloatArray | float) -> FloatArray:
    """Return the probability of so few recent events, given how many there were in all.

    `share` is the recent span's share of the time; counts may be fractions. Arrays of shape (n,).
    """
    recent, before = np.maximum(recent, 0.0), np.maximum(before, 0.0)
    return np.asarray(np.where(before > 0, betainc(before, recent + 1.0, 1.0 - share), 1.0))
