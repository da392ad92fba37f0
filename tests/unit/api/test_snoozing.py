"""Until when an alert may be snoozed from the page."""

from datetime import UTC, datetime

import pytest

from services.api.ui.snoozing import snooze_choices, snooze_end

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
    assert snooze_end("week", "2026-03-02", NOW) == datetime(2026, 3, 2, tzinfo=UTC)
    assert snooze_end("tomorrow", "", NOW) == datetime(2026, 2, 1, 23, 50, tzinfo=UTC)


@pytest.mark.parametrize(("choice", "day"), [("", ""), ("never", ""), ("week", "next Monday")])
def test_what_says_no_end_is_refused(choice, day):
    with pytest.raises(ValueError, match=r"."):
        snooze_end(choice, day, NOW)
