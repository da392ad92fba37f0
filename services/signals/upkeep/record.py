"""How the risks that were told came out: calibration and ranking on closed windows."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from services.signals.features.facts import IntArray
from services.signals.features.history import DemandDays, FloatArray
from services.signals.training.measures import BoolArray, brier, calibration_error, monthly_auc
from services.signals.upkeep.drift import stayed_silent

MONTHS = 12
MIN_ROWS = 100
"""Fewer closed windows say nothing of calibration: ten bins of ten."""


class Told(NamedTuple):
    """Risks as of month starts: account indices, days, risks; all of shape (m,)."""

    account: IntArray
    start: IntArray
    risk: FloatArray

    def take(self, mask: BoolArray) -> Told:
        """Return the rows where `mask` holds."""
        return Told(self.account[mask], self.start[mask], self.risk[mask])


def closed_starts(day: int) -> list[int]:
    """Return the month starts whose 3-month windows closed by `day`, the latest `MONTHS`."""
    month = np.datetime64(day, "D").astype("datetime64[M]")
    starts = (month - np.arange(3, 3 + MONTHS)).astype("datetime64[D]").astype(np.int64)
    return sorted(int(one) for one in starts)


def outcome(demand: DemandDays, told: Told, day: int) -> dict[str, Any] | None:
    """Return ECE, Brier and AUC of risks whose windows closed by `day`; None for too few."""
    if told.risk.size < MIN_ROWS:
        return None
    lost = stayed_silent(demand, day, told.account, told.start).astype(bool)
    ranked = monthly_auc(lost, told.risk, told.start)
    return {
        "rows": int(lost.size),
        "base_rate": float(lost.mean()),
        "ece": calibration_error(lost, told.risk),
        "brier": brier(lost, told.risk),
        "auc_m": None if np.isnan(ranked) else ranked,
    }


def same_rows(one: Told, other: Told) -> tuple[Told, Told]:
    """Return both over the account-months that both have; each in order of account and start."""
    mine, theirs = (part.account * (1 << 22) + part.start for part in (one, other))
    return one.take(np.isin(mine, theirs)), other.take(np.isin(theirs, mine))
