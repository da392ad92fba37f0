"""The lane that went quiet, said as a countable fact."""

from __future__ import annotations

import numpy as np

from services.signals.features.facts import Facts
from services.signals.features.windows import WINDOW_DAYS
from services.signals.scoring.words import day_text, rate_text

_MIN_BOOKINGS = 6
_MIN_CYCLES = 3.0


def quiet_lane_text(facts: Facts, day: int, rows: slice) -> str | None:
    """Return `HPH-HAM: 0 bookings since 12 Feb 2026, normally 4 a week`, or None.

    The lane with the most bookings of the last 12 months among those whose silence is at least
    three of their own mean gaps; None without a second lane, which would say nothing new.
    """
    days, series = facts.day[rows], facts.series_id[rows]
    seen = (np.maximum(days, facts.effect_day[rows]) < day) & (days >= day - WINDOW_DAYS[12])
    booked = np.flatnonzero(seen & (facts.sums["business"][rows] > 0))
    count = facts.sums["business"][rows][booked]
    days, keys = days[booked], series[booked]
    lanes: dict[tuple[str, str], tuple[int, int, int]] = {}
    kinds, at = np.unique(keys, return_inverse=True)
    for place, key in enumerate(kinds):
        part = at == place
        lane = (facts.series[int(key)].origin, facts.series[int(key)].destination)
        total, first, last = lanes.get(lane, (0, day, -1))
        lanes[lane] = (
            total + int(count[part].sum()),
            min(first, int(days[part].min())),
            max(last, int(days[part].max())),
        )
    if len(lanes) < 2:
        return None
    quiet = [
        (total, lane, last, total / max(last - first + 1, 1))
        for lane, (total, first, last) in lanes.items()
        if total >= _MIN_BOOKINGS
        and (day - last) * total >= _MIN_CYCLES * (last - first + 1)
        and any(lane)
    ]
    if not quiet:
        return None
    _, lane, last, rate = max(quiet)
    name = "-".join(part for part in lane if part)
    return f"{name}: 0 bookings since {day_text(last)}, normally {rate_text(rate)}"
