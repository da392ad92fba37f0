"""Volume that erodes against the account's own level.

Looked at as of Mondays, so that a week's noise is one look: the last 92 days at or under 60 % of
the own level (days 185 to 458 back, at least 120 of them known), on two Mondays in a row, with at
least 12 bookings in those days. The level ends three months before the recent window, so that a
slow fade does not pull its own level down and a drop stays visible while it lasts.

Both Mondays' drop must also be more than chance explains: an exact binomial test of the recent
bookings among all of both spans, as if they came at a constant random rate. Bookings of uneven
size count as the number of even ones that would scatter as much (decision 0012 has what was
measured).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from services.signals.alerting.detectors.chance import FloatArray, drop_chance
from services.signals.alerting.findings import Finding
from services.signals.features.facts import Facts
from services.signals.features.volume import UNITS, measured

RECENT_DAYS, LEVEL_START, LEVEL_END, MIN_LEVEL_DAYS = 92, 184, 458, 120
EROSION_RATIO = 0.60
MIN_BOOKING_ROWS = 12
MOST_CHANCE = 0.003
"""Of a drop as large, or larger, by chance alone in one look."""
_FOURTH = 3  # 1970-01-01 was a Thursday


class VolumeWatch:
    """Volume per account in the unit of each kind of business, ready for any Monday."""

    def __init__(self, facts: Facts) -> None:
        self._facts, self._n = facts, len(facts.account_ids)
        self._measured = measured(facts)
        self._seen = np.maximum(facts.day, facts.effect_day)
        self._kept: dict[int, FloatArray] = {}

    def findings(self, day: int) -> list[Finding]:
        """Return the accounts whose volume eroded, as of the last Monday up to `day`."""
        monday = day - (day + _FOURTH) % 7
        ratio, before = self._ratio(monday), self._ratio(monday - 7)
        eroded = (ratio <= EROSION_RATIO) & (before <= EROSION_RATIO)
        return [
            self._finding(at, float(ratio[at]), monday) for at in np.flatnonzero(eroded).tolist()
        ]

    def _ratio(self, day: int) -> FloatArray:
        """Return recent over own level per account; infinite where it cannot be told."""
        kept = self._kept.get(day)
        if kept is None:
            kept = self._measure(day)
            self._kept = {key: one for key, one in self._kept.items() if key > day - 14}
            self._kept[day] = kept
        return kept

    def _measure(self, day: int) -> FloatArray:
        facts = self._facts
        age = day - facts.day
        known = (self._seen < day) & (age > 0)
        first = np.zeros(self._n)
        np.maximum.at(first, facts.account[known], age[known])
        rows = np.flatnonzero(known & (age <= LEVEL_END))
        account, recent = facts.account[rows], age[rows] <= RECENT_DAYS
        before = age[rows] > LEVEL_START
        kind = account * len(UNITS) + self._measured.unit[rows]
        size = self._n * len(UNITS)
        value = self._measured.amounts(rows, kind, size)
        business = self._measured.business[rows]
        level = np.bincount(kind[before], weights=value[before], minlength=size)
        now = np.bincount(kind[recent], weights=value[recent], minlength=size)
        booked = np.bincount(account[before], weights=business[before], minlength=self._n)
        span = np.clip(first - LEVEL_START, 1.0, LEVEL_END - LEVEL_START)
        usual = level.reshape(self._n, -1) * (RECENT_DAYS / span)[:, None]
        share = np.bincount(kind, weights=business, minlength=size)
        weight = share.reshape(self._n, -1) * (usual > 0)
        ratio = now.reshape(self._n, -1) / np.maximum(usual, 1e-9)
        total = (ratio * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-9)
        told = (booked >= MIN_BOOKING_ROWS) & (first - LEVEL_START >= MIN_LEVEL_DAYS)
        told &= weight.sum(axis=1) > 0
        size_of = self._even_size(rows, kind, value, size)
        chance = drop_chance(
            (now / size_of).reshape(self._n, -1).sum(axis=1),
            (level / size_of).reshape(self._n, -1).sum(axis=1),
            RECENT_DAYS / (RECENT_DAYS + span),
        )
        return np.where(told & (chance <= MOST_CHANCE), total, np.inf)

    def _even_size(
        self, rows: npt.NDArray[Any], kind: npt.NDArray[Any], value: FloatArray, size: int
    ) -> FloatArray:
        """Return per kind the size of even bookings whose sum scatters as much; rows hold many."""
        bookings = np.maximum(np.abs(self._measured.business[rows]), 1.0)
        squares = np.bincount(kind, weights=value**2 / bookings, minlength=size)
        sums = np.bincount(kind, weights=np.abs(value), minlength=size)
        return np.where(sums > 0, squares / np.maximum(sums, 1e-9), 1.0)

    def _finding(self, account: int, ratio: float, day: int) -> Finding:
        low, high = np.searchsorted(self._facts.account, [account, account + 1])
        asked = self._facts.sums["demand"][low:high] > 0
        rows = np.flatnonzero((self._seen[low:high] < day) & asked) + low
        days = self._facts.day[rows]
        events = self._facts.events_of(rows[days == days.max(initial=0)])[:1]
        return Finding(
            account=int(account),
            type="volume_erosion",
            reason="volume_erosion",
            scope={"kind": "account"},
            scope_key="account",
            text=f"Volume of the last 3 months at {100 * ratio:.0f} % of its own level before"
            " (6 to 15 months ago)",
            events=events,
        )
