"""When a feed is silent, in working hours."""

import pytest

from shared.domain.feeds import Pulse, silent_pulses, working_hours

MONDAY = 4 * 24  # 1970-01-05, in hours since 1970


def test_a_weekend_has_no_working_hours():
    friday = MONDAY + 5 * 24
    assert working_hours(friday) == working_hours(friday + 48)
    assert working_hours(MONDAY + 24) - working_hours(MONDAY) == 24


@pytest.mark.parametrize(
    ("gap", "silence", "silent"),
    [(1, 24, False), (1, 25, True), (10, 50, False), (10, 51, True)],
)
def test_silence_is_more_than_a_day_and_five_gaps(gap, silence, silent):
    monday = MONDAY + 7 * 24 * 10
    hours = [monday + gap * step for step in range(12)]
    last = hours[-1]
    at = next(
        h for h in range(last, last + 999) if working_hours(h) - working_hours(last) == silence
    )
    assert Pulse("booking", hours, 5).is_silent(at) is silent


@pytest.mark.parametrize(
    ("kind", "enough"), [("booking", 10), ("milestone", 10), ("complaint", 100)]
)
def test_too_few_hours_give_no_gap_and_no_verdict(kind, enough):
    start = MONDAY + 7 * 24
    few, many = (Pulse(kind, list(range(start, start + n)), 5) for n in (enough - 1, enough))
    assert few.usual_gap(start + 500) is None
    assert few.is_silent(start + 500) is None
    assert many.usual_gap(start + 500) is not None
    assert many.is_silent(start + 500) is True


@pytest.mark.parametrize(("kind", "accounts"), [("booking", 4), ("account", 20)])
def test_small_feeds_and_master_data_are_never_called_silent(kind, accounts):
    pulse = Pulse(kind, list(range(MONDAY, MONDAY + 200)), accounts)
    assert pulse.is_silent(MONDAY + 5_000) is None
    assert pulse.is_silent(MONDAY + 150) is False


def test_a_feed_that_has_not_begun_says_nothing():
    assert Pulse("booking", [], 9).is_silent(MONDAY) is None
    assert Pulse("booking", list(range(MONDAY, MONDAY + 20)), 9).is_silent(MONDAY) is None


def test_on_the_event_clock_only_a_living_feed_proves_that_time_went_on():
    hours = list(range(MONDAY, MONDAY + 50))
    gone, later = Pulse("booking", hours, 5), Pulse("milestone", [h + 400 for h in hours], 5)
    at = MONDAY + 450
    assert silent_pulses({"gone": gone}, at, "wall") == {"gone"}
    assert silent_pulses({"gone": gone}, at, "event") == set()
    assert silent_pulses({"gone": gone, "later": later}, at, "event") == {"gone"}
