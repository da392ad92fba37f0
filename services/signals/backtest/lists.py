"""Two lists, one budget of alerts: who is named at each month start.

Ranked by risk alone, the whole budget goes to accounts that everybody already sees are silent, and
hardly an account is named while it still books. So the budget is given out in this order:

1. last chance: the silence becomes obvious before the next month start. Who was named and became
   obvious during the last month stays for that month start: an alert does not vanish when it
   comes true;
2. named before, silent, not yet obvious: a warning holds until the account books again;
3. still active, by risk, those named before first among equals (`HELD` log-odds); at least
   `ACTIVE_SHARE` of the budget;
4. other silent accounts, by risk.

An account whose silence has been obvious for longer is named no more: that is no warning.
"""

from __future__ import annotations

import numpy as np

from services.signals.backtest.frame import Frame
from services.signals.features.facts import IntArray
from services.signals.features.windows import WINDOW_DAYS
from services.signals.hazard.forecast import early_warning
from services.signals.hazard.interface import BoolArray, FloatArray
from services.signals.training.rows import Rows

ACTIVE_SHARE = 0.2
HELD = 2.0
_THRESHOLD = 0.5
"""The decision threshold is never above even odds."""


def named(rows: Rows, frame: Frame, risk: FloatArray, budget: float) -> BoolArray:
    """Return who is on a list at each month start; rows without a risk never are."""
    alert = np.zeros(risk.size, dtype=bool)
    before: frozenset[int] = frozenset()
    for month in np.unique(rows.month[~np.isnan(risk)]):
        here = np.flatnonzero(rows.month == month)
        held = np.array([one in before for one in rows.account[here].tolist()], dtype=bool)
        chosen = here[_chosen(rows.active[here], held, frame, here, risk[here], budget)]
        alert[chosen] = True
        before = frozenset(rows.account[chosen].tolist())
    return alert


def _chosen(
    active: BoolArray,
    held: BoolArray,
    frame: Frame,
    here: IntArray,
    risk: FloatArray,
    budget: float,
) -> IntArray:
    """Return the places, among the rows of one month, of those that are named."""
    room = round(budget * here.size)
    z = np.log(risk) - np.log1p(-risk)
    left = frame.obvious[here] - frame.day[here]  # days until the silence is obvious
    soon, month = left < WINDOW_DAYS[1], WINDOW_DAYS[1]
    due = ~active & ((soon & (left >= 0)) | (held & (left < 0) & (left >= -month)))
    kept = ~active & held & ~soon
    silent = np.concatenate([_by(z, due), _by(z, kept)])[: room - round(ACTIVE_SHARE * room)]
    still = _by(z + HELD * held, active)[: room - silent.size]
    rest = _by(z, ~active & ~held & ~soon)[: room - silent.size - still.size]
    return np.concatenate([silent, still, rest])


def _by(order: FloatArray, mask: BoolArray) -> IntArray:
    places = np.flatnonzero(mask)
    return places[np.argsort(-order[places], kind="stable")]


def warning_months(rows: Rows, frame: Frame, curve: FloatArray, budget: float) -> IntArray:
    """Return the first month ahead whose P_h reaches what the budget's risk is now; 0 for none.

    The threshold of a list at a month start is the risk that the budget's share of it reaches.
    """
    threshold = np.full(len(curve), _THRESHOLD)
    for month in np.unique(rows.month):
        for active in (True, False):
            part = (rows.month == month) & (rows.active == active) & ~np.isnan(curve[:, 0])
            if part.any():
                reached = float(np.quantile(curve[part, 0], 1.0 - budget))
                threshold[part] = min(reached, _THRESHOLD)
    return np.where(frame.gone, 0, early_warning(curve, threshold))
