"""Working time: business days of a country, from 08:00 to 17:00 of an account's own time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache

import holidays

from shared.domain.zones import zone_of

OPEN, CLOSE = time(8, 0), time(17, 0)
WORKING = timedelta(hours=CLOSE.hour - OPEN.hour)
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
    """Return the end of a promise of so many hours, in microseconds: always in working time.

    What is promised within less than a day takes as many working hours, each 24 hours take one
    business day. They count from the start, or from the next opening (08:00 local time) where
    nobody is at work; what is not over at the close goes on at the next opening.
    """
    zone = zone_of(time_zone)
    local = _local(started, zone)
    day = _first_day(local, country)
    at = max(local.replace(tzinfo=None), datetime.combine(day, OPEN))
    days, rest = divmod(hours, 24)
    left = days * WORKING + min(timedelta(hours=rest), WORKING)
    while left > (until_close := datetime.combine(day, CLOSE) - at):
        left -= until_close
        day = _next_open(day + timedelta(days=1), country)
        at = datetime.combine(day, OPEN)
    return _micros((at + left).replace(tzinfo=zone))


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
