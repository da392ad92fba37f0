"""The shipped table of seasons: when a country's bookings are usually low or closed."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Literal

import holidays
import msgspec

_EPOCH = date(1970, 1, 1)
_FEASTS = {"lunar_new_year": ("VN", "Lunar New Year", 0), "easter": ("BR", "Good Friday", 2)}
"""Where the calendar package has each feast, under which name, and how many days before it."""


class Season(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One window of a country: fixed dates (MM-DD), or days from a feast that moves."""

    name: str
    countries: tuple[str, ...]
    effect: Literal["rush", "low", "closed", "tight_space"]
    expected_ratio: float  # usual weekly bookings over the yearly mean
    source: str
    window: tuple[str, str] | None = None
    feast: Literal["lunar_new_year", "easter"] | None = None
    days: tuple[int, int] | None = None
    grace_days: int = 7  # a span seen after the window still holds its silence

    @property
    def moves(self) -> bool:
        """Return whether the dates differ by year, so that last year's dates say little."""
        return self.feast is not None

    def holds(self, day: date) -> bool:
        """Return whether `day` is in the window or shortly after it."""
        return any(
            first <= day <= last + timedelta(days=self.grace_days)
            for first, last in self._windows(day.year)
        )

    def _windows(self, year: int) -> list[tuple[date, date]]:
        found = []
        for at in (year - 1, year, year + 1):
            if self.window is not None:
                first, last = (date.fromisoformat(f"{at}-{one}") for one in self.window)
                found.append((first, last if last >= first else _next_year(last)))
            elif self.feast is not None and self.days is not None:
                feast = feast_day(self.feast, at)
                if feast is not None:
                    first, last = (feast + timedelta(days=one) for one in self.days)
                    found.append((first, last))
        return found


@cache
def feast_day(feast: str, year: int) -> date | None:
    """Return the day of a moving feast, None where the calendar package does not know it."""
    country, name, offset = _FEASTS[feast]
    days = holidays.country_holidays(country, years=[year], language="en_US")
    found = [day for day, what in days.items() if what == name]
    return min(found) + timedelta(days=offset) if found else None


@cache
def season_table() -> tuple[Season, ...]:
    """Return the shipped rules."""
    folder = resources.files("services.signals.alerting.detectors")
    text = (folder / "seasons.yaml").read_bytes()
    return msgspec.yaml.decode(text, type=tuple[Season, ...])


@cache
def season_of(country: str | None, day: int) -> Season | None:
    """Return the low or closed season of the country on a day since 1970, if any."""
    if country is None:
        return None
    at = _EPOCH + timedelta(days=day)
    for season in season_table():
        if country in season.countries and season.effect in {"low", "closed"} and season.holds(at):
            return season
    return None


def _next_year(day: date) -> date:
    return day.replace(year=day.year + 1)
