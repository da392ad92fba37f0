"""Small English for countable facts."""

from __future__ import annotations

from datetime import date

from shared.domain.figures import EPOCH_DAY, date_text


def day_text(day: int) -> str:
    """Return a day since 1970 as `12 Feb 2026`."""
    return date_text(date.fromordinal(EPOCH_DAY + int(day)))


def days_text(days: float) -> str:
    """Return `1 day`, `6 days` or, below three days, `2.5 days`."""
    shown = decimal_text(days) if days < 3 else f"{days:.0f}"
    return f"{shown} day" if shown == "1" else f"{shown} days"


def decimal_text(value: float) -> str:
    """Return a number with one decimal, where it has one: `24.8`, `30`."""
    return f"{value:.1f}".removesuffix(".0")


def count_text(count: float, noun: str) -> str:
    """Return `1 booking`, `3 bookings`."""
    return f"{count:.0f} {noun}" if round(count) == 1 else f"{count:.0f} {noun}s"


def rate_text(per_day: float) -> str:
    """Return a rate as `4 a week`, `2 a month` or `3 a year`, whichever reads best."""
    for days, unit in ((7, "week"), (30.4375, "month")):
        if per_day * days >= 1:
            return f"{per_day * days:.0f} a {unit}"
    return f"{max(per_day * 365.25, 1):.0f} a year"
