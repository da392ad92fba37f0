"""Business days of a country, at the close of business of an account's own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache

import holidays

from shared.domain.zones import zone_of

OPEN, CLOSE = time(8, 0), time(17, 0)
_SATURDAY = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def due_at(started: int, business_days: int, country: str | None, time_zone: str | None) -> int:
    """Return 17:00 local time, `business_days` after the start, in microseconds.

    Day 0 is the day of the start, or the next business day where that is none or its close has
    passed. An unknown country counts Monday to Friday, an unknown time zone is UTC.
    """
    zone = zone_of(time_zone)
    day = _first_day(_local(started, zone), country)
    for _ in range(business_days):
        day = _next_open(day + timedelta(days=1), country)
    return _micros(datetime.combine(day, CLOSE, tzinfo=zone))


def due_within(started: int, hours: int, country: str | None, time_zone: str | None) -> int:
    """Return so many hours after the start, in microseconds; it may be after the close.

    Where the start lies outside business time they count from the next opening, 08:00 local time.
    """
    zone = zone_of(time_zone)
    local = _local(started, zone)
    opening = datetime.combine(_first_day(local, country), OPEN, tzinfo=zone)
    return max(started, _micros(opening)) + _micros(_EPOCH + timedelta(hours=hours))


def _first_day(local: datetime, country: str | None) -> date:
    """Return the day of the moment, or the next business day where work is over."""
    return _next_open(local.date() + timedelta(days=local.time() >= CLOSE), country)


def _local(moment: int, zone: tzinfo) -> datetime:
    return (_EPOCH + timedelta(microseconds=moment)).astimezone(zone)


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def is_business_day(day: date, country: str | None) -> bool:
    """Return whether the country works on that day."""
    return day.weekday() < _SATURDAY and day not in _closed(country, day.year)


def _next_open(day: date, country: str | None) -> date:
    while not is_business_day(day, country):
        day += timedelta(days=1)
    return day


@cache
def _closed(country: str | None, year: int) -> frozenset[date]:
    if country is None:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country.upper(), years=[year]))
    except NotImplementedError:
        return frozenset()
