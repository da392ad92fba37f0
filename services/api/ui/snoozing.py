"""Until when an alert may be snoozed from the page: from a moment, not from today."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from services.api.bodies import MAX_SNOOZE_DAYS


def snooze_choices(now: datetime) -> dict[str, datetime]:
    """Return the ends to choose from, by their names.

    A midnight, as of the event clock, is the end of the day before it: tomorrow follows that day.
    """
    since = now if now.astimezone(UTC).time() != time() else now - timedelta(minutes=1)
    return {
        "tomorrow": since + timedelta(days=1),
        "week": since + timedelta(days=7),
        "month": _month_later(since),
    }


def days_ahead(now: datetime, zone: tzinfo) -> tuple[date, date]:
    """Return the first and the last day of the zone that may be filled in: they begin ahead."""
    last = now + timedelta(days=MAX_SNOOZE_DAYS)
    return now.astimezone(zone).date() + timedelta(days=1), last.astimezone(zone).date()


def snooze_end(choice: str, day: str, now: datetime, zone: tzinfo) -> datetime:
    """Return the end that was chosen; a day that is filled in counts, and begins in the zone.

    Raises ValueError where neither says an end.
    """
    if day:
        begins = datetime.combine(date.fromisoformat(day), time(tzinfo=zone))
        try:
            return begins.astimezone(UTC)
        except OverflowError as error:
            raise ValueError(f"{day} begins outside of the calendar") from error
    choices = snooze_choices(now)
    if choice not in choices:
        raise ValueError(f"choose one of {', '.join(choices)}, or a day")
    return choices[choice]


def _month_later(now: datetime) -> datetime:
    """Return the same day of the next month, or its last."""
    year, month = now.year + now.month // 12, now.month % 12 + 1
    return now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))
