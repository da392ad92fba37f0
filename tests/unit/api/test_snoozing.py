"""Until when an alert may be snoozed from the page."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.api.ui.snoozing import days_ahead, snooze_choices, snooze_end

NOW = datetime(2026, 1, 31, 23, 50, tzinfo=UTC)


def test_the_choices_lie_a_day_a_week_and_a_month_ahead():
    assert [f"{end:%d %b %H:%M}" for end in snooze_choices(NOW).values()] == [
        "01 Feb 23:50", "07 Feb 23:50", "28 Feb 23:50",
    ]  # fmt: skip
    december = datetime(2026, 12, 5, 9, tzinfo=UTC)
    assert snooze_choices(december)["month"] == datetime(2027, 1, 5, 9, tzinfo=UTC)


def test_a_midnight_is_the_end_of_the_day_before_it_as_the_page_says():
    ends = snooze_choices(datetime(2026, 2, 1, tzinfo=UTC))  # 31 Jan 2026, 24:00 UTC
    assert [f"{end:%d %b %H:%M}" for end in ends.values()] == [
        "01 Feb 23:59", "07 Feb 23:59", "28 Feb 23:59",
    ]  # fmt: skip


def test_a_day_that_is_filled_in_counts_whatever_else_is_chosen():
    assert snooze_end("week", "2026-03-02", NOW, UTC) == datetime(2026, 3, 2, tzinfo=UTC)
    assert snooze_end("tomorrow", "", NOW, UTC) == datetime(2026, 2, 1, 23, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "begins"),
    [
        ("America/Sao_Paulo", datetime(2026, 3, 2, 3, tzinfo=UTC)),
        ("Asia/Ho_Chi_Minh", datetime(2026, 3, 1, 17, tzinfo=UTC)),
    ],
)
def test_a_day_begins_by_the_clock_of_its_zone(zone, begins):
    assert snooze_end("", "2026-03-02", NOW, ZoneInfo(zone)) == begins


def test_a_day_whose_midnight_the_clock_leaps_over_begins_with_its_first_moment():
    santiago = ZoneInfo("America/Santiago")  # on 6 September 2026 it is 01:00 after 23:59
    assert snooze_end("", "2026-09-06", NOW, santiago) == datetime(2026, 9, 6, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("UTC", (date(2026, 2, 1), date(2026, 7, 30))),
        ("America/Sao_Paulo", (date(2026, 2, 1), date(2026, 7, 30))),
        ("Asia/Ho_Chi_Minh", (date(2026, 2, 2), date(2026, 7, 31))),
    ],
)
def test_the_days_ahead_are_those_of_the_zone(zone, days):
    assert days_ahead(NOW, ZoneInfo(zone)) == days


@pytest.mark.parametrize(
    ("choice", "day"), [("", ""), ("never", ""), ("week", "next Monday"), ("", "0001-01-01")]
)
def test_what_says_no_end_is_refused(choice, day):
    with pytest.raises(ValueError, match=r"."):
        snooze_end(choice, day, NOW, ZoneInfo("Asia/Ho_Chi_Minh"))
