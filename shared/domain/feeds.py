"""When a feed is silent: standard library only, hours since 1970.

Gaps are counted in working hours (Monday to Friday, UTC). A feed is silent after
max(1 day, 5 x its own 99 % gap), once it has served enough accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

MIN_ACCOUNTS = 5
MIN_HOURS = 10
"""Distinct hours with events below which a feed has no usual gap."""
DAY_HOURS = 24


def working_hours(hour: int) -> int:
    """Return the hours outside weekends up to `hour`, counted from a Monday before 1970."""
    week, within = divmod(hour + 3 * DAY_HOURS, 7 * DAY_HOURS)
    return week * 5 * DAY_HOURS + min(within, 5 * DAY_HOURS)


def usual_gap_hours(hours: Sequence[int]) -> float | None:
    """Return the 99 % gap between ascending hours with events; None for too few of them."""
    if len(hours) < MIN_HOURS:
        return None
    working = [working_hours(hour) for hour in hours]
    gaps = sorted(later - earlier for earlier, later in pairwise(working))
    place = 0.99 * (len(gaps) - 1)
    low = int(place)
    high = min(low + 1, len(gaps) - 1)
    return gaps[low] + (gaps[high] - gaps[low]) * (place - low)


def is_silent(last_hour: int, usual_gap: float | None, now_hour: int) -> bool:
    """Return whether nothing came for longer than the feed's own habit explains."""
    if usual_gap is None:
        return False
    silence = working_hours(now_hour) - working_hours(last_hour)
    return silence > max(DAY_HOURS, 5 * usual_gap)
