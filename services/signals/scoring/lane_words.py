"""The lane that went quiet, said as a countable fact."""

from __future__ import annotations

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
    lanes: dict[tuple[str, str], tuple[int, int, int]] = {}
    for key, (total, first, last) in _booked(facts, day, rows).items():
        lane = (facts.series[key].origin, facts.series[key].destination)
        known = lanes.get(lane, (0, day, -1))
        lanes[lane] = (known[0] + total, min(known[1], first), max(known[2], last))
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


def _booked(facts: Facts, day: int, rows: slice) -> dict[int, tuple[int, int, int]]:
    """Return bookings, first and last day of the last 12 months by series.

    A plain loop: the rows of one account are few, and arrays of them cost more than they save.
    """
    found: dict[int, tuple[int, int, int]] = {}
    begin = day - WINDOW_DAYS[12]
    for at, effect, key, count in zip(
        facts.day[rows].tolist(),
        facts.effect_day[rows].tolist(),
        facts.series_id[rows].tolist(),
        facts.sums["business"][rows].tolist(),
        strict=True,
    ):
        if count > 0 and begin <= at < day and effect < day:
            total, first, last = found.get(key, (0, day, -1))
            found[key] = (total + count, min(first, at), max(last, at))
    return found
