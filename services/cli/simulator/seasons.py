"""How busy a lane is on a day, against its own average.

The windows and ratios are the usual ones of the trade: Tet and the weeks around it in
Viet Nam, Golden Week in China, Carnival and the year's end in Brazil, August and Christmas
in Europe.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

TET = {
    2020: date(2020, 1, 25), 2021: date(2021, 2, 12), 2022: date(2022, 2, 1),
    2023: date(2023, 1, 22), 2024: date(2024, 2, 10), 2025: date(2025, 1, 29),
    2026: date(2026, 2, 17), 2027: date(2027, 2, 6), 2028: date(2028, 1, 26),
    2029: date(2029, 2, 13), 2030: date(2030, 2, 2), 2031: date(2031, 1, 23),
}  # fmt: skip
"""Lunar new year in Viet Nam; outside these years there is no Tet here."""

TET_WINDOWS = ((-35, -11, 1.25), (-4, 7, 0.05), (8, 28, 0.8))
"""Days from Tet, both included, and the ratio."""
EASTER_TO_CARNIVAL = timedelta(days=-47)


@cache
def season_ratio(country: str, day: date) -> float:
    """Return the usual ratio of bookings from a country (ISO code) on a day."""
    rule = _RULES.get(country)
    return rule(day) if rule else 1.0


def _viet_nam(day: date) -> float:
    if tet := TET.get(day.year):
        for first, last, ratio in TET_WINDOWS:
            if first <= (day - tet).days <= last:
                return ratio
    holidays = {(4, 30), (5, 1), (9, 2)}
    if (day.month, day.day) in holidays:
        return 0.1
    return 1.12 if day.month in {8, 9} else 1.0


def _china(day: date) -> float:
    if day.month == 10 and day.day <= 7:
        return 0.05
    if day.month == 9 and day.day >= 24:
        return 1.3
    if tet := TET.get(day.year):
        return 0.1 if 0 <= (day - tet).days <= 9 else 1.0
    return 1.0


def _brazil(day: date) -> float:
    if (day.month == 12 and day.day >= 20) or (day.month == 1 and day.day <= 6):
        return 0.55
    carnival = _easter(day.year) + EASTER_TO_CARNIVAL
    return 0.4 if -3 <= (day - carnival).days <= 1 else 1.0


def _europe(day: date) -> float:
    if (day.month == 12 and day.day >= 22) or (day.month == 1 and day.day <= 3):
        return 0.25
    return 0.85 if day.month == 8 else 1.0


def _easter(year: int) -> date:
    """Return Easter Sunday (Gregorian; Meeus, Jones and Butcher)."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (
        19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15
    ) % 30
    week = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * late + 114, 31)
    return date(year, month, day + 1)


_RULES = {
    "VN": _viet_nam,
    "CN": _china,
    "BR": _brazil,
    "DE": _europe,
    "NL": _europe,
    "PT": _europe,
    "IT": _europe,
}
