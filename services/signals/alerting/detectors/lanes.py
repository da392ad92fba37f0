"""A lane that goes silent while the account's other lanes hold.

The reference is the year that ended 92 days ago, so a decline does not pollute its own baseline
for three months. Numbers: at least 8 booking days and 10 % of the account's in the reference; the
recent window is the longest of 28 days, two own cycles, 1.2 times the longest own gap, and the gap
that the lane's own scatter brings less than once in a hundred years of such bookings; a lane whose
window would exceed 92 days is too irregular to judge. Silent = none in that window, or under 30 %
of the rhythm in a window of twenty own cycles. So chance is a poor explanation (decision 0012).
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import numpy.typing as npt

from services.signals.alerting.detectors.market import MarketOn, fallen_lanes
from services.signals.alerting.detectors.rhythm import (
    MIN_BOOKINGS,
    REFERENCE_DAYS,
    REFERENCE_END,
    Lane,
    LaneDays,
    Rhythm,
)
from services.signals.alerting.findings import Finding
from services.signals.features.facts import Facts, IntArray
from services.signals.scoring.words import count_text, day_text, rate_text

MIN_SHARE = 0.10
MAX_WINDOW = 92.0
DROP_RATIO = 0.30
HOLD_RATIO, HOLD_BOOKINGS = 0.70, 2


class LaneWatch:
    """Silent lanes as of any day; `market_on` names the lanes that fell for everybody by then."""

    def __init__(self, facts: Facts, market_on: MarketOn | None) -> None:
        self._lanes, self._market_on = LaneDays(facts), market_on
        # One lane alone says nothing that the account does not say: only others can hold.
        self._accounts = len(facts.account_ids)
        lanes_of = np.bincount(self._lanes.account, minlength=self._accounts)
        self._judged = lanes_of[self._lanes.account] > 1

    def findings(self, day: int) -> list[Finding]:
        """Return the silent lanes as of `day`; muted where the lane fell for everybody."""
        if not self._judged.any():
            return []
        pair, days = self._lanes.booked(day)
        rhythm = self._lanes.rhythm(day, pair, days)
        silent = np.flatnonzero(self._silent(rhythm, pair, day - days))
        if not silent.size:
            return []
        fallen = self._fallen(day, rhythm)
        return [self._finding(at, rhythm, fallen, day) for at in silent.tolist()]

    def _fallen(self, day: int, rhythm: Rhythm) -> Container[Lane]:
        if self._market_on is None:
            return fallen_lanes(self._lanes, rhythm)
        return self._market_on(day)

    def _silent(self, rhythm: Rhythm, pair: IntArray, age: IntArray) -> npt.NDArray[np.bool_]:
        account, n = self._lanes.account, self._accounts
        usual = np.bincount(account, weights=rhythm.bookings, minlength=n)
        judged = self._judged & (rhythm.bookings >= MIN_BOOKINGS) & (rhythm.window <= MAX_WINDOW)
        judged &= rhythm.bookings >= MIN_SHARE * usual[account]
        dry = rhythm.recent == 0
        expected = rhythm.long_window / rhythm.cycle
        thin = (rhythm.recent_long <= DROP_RATIO * expected) & (rhythm.long_window <= MAX_WINDOW)
        found = judged & (dry | thin)
        for at in np.flatnonzero(found).tolist():
            others = (account[pair] == account[at]) & (pair != at)
            found[at] = _hold(age[others], float(rhythm.window[at]))
        return np.asarray(found)

    def _finding(self, at: int, rhythm: Rhythm, fallen: Container[Lane], day: int) -> Finding:
        lane = self._lanes.lanes[int(self._lanes.lane[at])]
        usual = rate_text(1.0 / float(rhythm.cycle[at]))
        if rhythm.recent[at] == 0:
            last = day_text(int(rhythm.last[at]))
            text = f"{lane.name}: 0 bookings since {last}, normally {usual}; other lanes steady"
        else:
            days = int(rhythm.long_window[at])
            booked = count_text(float(rhythm.recent_long[at]), "booking")
            text = f"{lane.name}: {booked} in {days} days, normally {usual}; other lanes steady"
        return Finding(
            account=int(self._lanes.account[at]),
            type="silent_lane_loss",
            reason="silent_lane_loss",
            scope=lane.scope,
            scope_key=lane.scope_key,
            text=text,
            events=self._lanes.events(at, int(rhythm.last[at]), day),
            muted="market" if lane in fallen else None,
        )


def _hold(age: IntArray, window: float) -> bool:
    """Return whether lanes booked at these ages (days) keep at least 70 % of their rhythm."""
    usual = (age > REFERENCE_END) & (age <= REFERENCE_END + REFERENCE_DAYS)
    recent = int((age <= window).sum())
    if recent < HOLD_BOOKINGS or not usual.any():
        return False
    span = float(age[usual].max()) - REFERENCE_END
    return bool(recent / window >= HOLD_RATIO * float(usual.sum()) / max(span, 1.0))
