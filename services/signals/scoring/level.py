"""The market's level: what last month's silence says of everybody's risk now.

The three-month windows tell of a shock three months late. One month tells sooner: each account that
was judged at the last two month starts has booked since, or not. How many stayed silent beyond what
their risks implied, in log-odds, is the market's surprise. A small one is habit or chance and is
damped; of a large one a part (`SHARE`) is added to everybody's log-odds. The order stays as it is.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from services.signals.features.facts import IntArray
from services.signals.hazard.interface import BoolArray, FloatArray
from services.signals.hazard.platt import platt

SHARE = 0.75
"""A month of silence foretells less than three."""

MEMORY = 0.4
"""What the month before the last one still counts."""

HABIT = 0.5
"""A surprise of this size counts half: what markets do from month to month, without any shock."""

_SPREAD = 0.6  # of a month's surprise, as markets have it; decides where accounts are few
_MIN_ROWS = 50


def market_level(z: FloatArray, silent: BoolArray, month: IntArray, now: int) -> float:
    """Return the log-odds to add at the start of month `now`.

    `z` (m,) are 3-month logits of accounts at the starts of the months `month` (m,), all before
    `now`; `silent` (m,) tells who did not book in that month.
    """
    if z.size < _MIN_ROWS or silent.all() or not silent.any():
        return 0.0
    intercept, slope = platt(z, silent)
    expected = intercept + slope * z
    last, before = (
        _damped(_surprise(expected[here], silent[here]))
        for here in (month == now - 1, month == now - 2)
    )
    return SHARE * (last + MEMORY * before)


def _damped(surprise: float) -> float:
    return surprise**3 / (surprise**2 + HABIT**2)


def _surprise(expected: FloatArray, silent: BoolArray) -> float:
    """Return the most likely shift of these log-odds, drawn to none; by Newton."""
    shift = 0.0
    for _ in range(25):
        p = expit(expected + shift)
        slope = float((p - silent).sum()) + shift / _SPREAD**2
        step = slope / (float((p * (1.0 - p)).sum()) + 1.0 / _SPREAD**2)
        shift -= float(np.clip(step, -1.0, 1.0))
        if abs(step) < 1e-9:
            break
    return shift
