"""What scoring says of a set of accounts as of one day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.signals.features.facts import EventRef

FloatArray = npt.NDArray[np.float64]
GOING_SILENT, ACTIVE_AT_RISK = "going_silent", "active_at_risk"
MIN_COVERAGE = 0.6


class Cuts(NamedTuple):
    """Cuts of the bands in points of risk_score (100 x risk); band = highest cut reached."""

    watch: float
    high: float
    critical: float


class Floor(NamedTuple):
    """What lifts the band to at least high: `stakeholder_left` or `severe_complaint`."""

    code: str
    events: tuple[EventRef, ...]


class Reason(NamedTuple):
    """One addend of logit(risk), said as a countable fact."""

    code: str
    contribution: float
    text: str
    events: tuple[EventRef, ...]
    usual_gap: str | None = None  # of a silence, such as `7 days`: its text is told anew later


class Explanation(NamedTuple):
    """`base` + the sum of contributions = logit(risk), within 1e-9."""

    base: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores as of 00:00 UTC of `day`, one entry per account of the Facts, in its order."""

    day: int
    account_ids: tuple[str, ...]
    state: tuple[str, ...]  # no_data, insufficient_data, lost, scored: the first that holds
    risk: FloatArray  # shape (n,); NaN for insufficient_data
    curve: FloatArray  # shape (n, 12), never falling, curve[:, 0] == risk
    band: tuple[str | None, ...]  # healthy, watch, high, critical; after the floor
    floor: tuple[Floor | None, ...]
    list: tuple[str | None, ...]  # going_silent, active_at_risk; None when lost
    early_warning_months: npt.NDArray[np.int64]  # 1..12, 0 for none
    coverage: FloatArray  # 0..1
    lost: npt.NDArray[np.bool_]
    silent_feed: npt.NDArray[np.bool_]  # the account's feed is silent: "no data"
    last_booking_day: npt.NDArray[np.int64]  # of the last one not rejected, -1 for none
    last_demand_day: npt.NDArray[np.int64]  # the silence counts from here; -1 for none
    booking_days: npt.NDArray[np.int64]  # number of distinct demand days
    cuts: tuple[Cuts | None, ...]  # of the account's list
    model_version: str

    def is_blind(self, at: int) -> bool:
        """Return whether too few inputs speak to tell the account's risk."""
        return bool(self.coverage[at] < MIN_COVERAGE)
