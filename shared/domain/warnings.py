"""How early a loss was warned of, measured after the fact, and how that is summed up.

The alert that counts is the one that was still open when the silence became obvious. A missed loss
counts as 0 months; alerts at random and by recency, as many of them, stand beside the product's.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median
from typing import NamedTuple

MONTH_DAYS = 365.25 / 12
METHODS = ("leadline", "random", "recency")


class Loss(NamedTuple):
    """One lost account; days since 1970, None where that method missed it."""

    last_booking_day: int
    obvious_day: int
    leadline: int | None
    random: int | None
    recency: int | None


class Performance(NamedTuple):
    """One method over all losses; months are means over caught and missed alike."""

    lost: int
    caught: int
    caught_before_last_booking: int
    months_to_last_booking: float | None
    months_to_obvious: float | None
    median_months_to_obvious: float | None


def months_before(warned: int | None, day: int) -> float:
    """Return the months from the warning to a day; 0 when it came later or never."""
    return 0.0 if warned is None else max(0.0, (day - warned) / MONTH_DAYS)


def performance(losses: Sequence[Loss], method: str) -> Performance:
    """Return how one of `METHODS` did; no months where nobody was lost."""
    warned = [getattr(one, method) for one in losses]
    to_last = [
        months_before(at, one.last_booking_day) for at, one in zip(warned, losses, strict=True)
    ]
    to_obvious = [
        months_before(at, one.obvious_day) for at, one in zip(warned, losses, strict=True)
    ]
    return Performance(
        lost=len(losses),
        caught=sum(at is not None for at in warned),
        caught_before_last_booking=sum(
            at is not None and at <= one.last_booking_day
            for at, one in zip(warned, losses, strict=True)
        ),
        months_to_last_booking=fmean(to_last) if losses else None,
        months_to_obvious=fmean(to_obvious) if losses else None,
        median_months_to_obvious=median(to_obvious) if losses else None,
    )
