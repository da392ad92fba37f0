import re

import pytest

from services.signals.features.facts import EventRef, Series
from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.words import count_text, day_text, days_text, rate_text
from shared.domain.sentences import knows
from tests.support.facts import SEA, booking_row, facts_of, weekly

DAY = 20_000


def explained(rows, series=None):
    facts = facts_of(["A"], rows, series=series)
    judge = Evaluator(facts, default_model(), clock="wall")
    scores = judge.scores(DAY)
    return {one.code: one for one in judge.explain(DAY, scores, 0).reasons}


def test_a_silence_is_told_in_days_with_the_last_booking_as_evidence():
    reason = explained(weekly(0, last=DAY - 47, count=60))["silence"]
    assert reason.text.startswith(f"No booking for 46 days (last on {day_text(DAY - 47)})")
    assert "usual gap is 7 days" in reason.text
    assert reason.events == (EventRef("/tms", f"b0-{DAY - 47}"),)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (0, "Booked today ({})"),
        (1, "Booked 1 day ago (last on {})"),
        (7, "Booked 7 days ago (last on {})"),
        (8, "No booking for 8 days (last on {})"),
    ],
)
def test_days_are_counted_from_the_day_that_the_score_ends_with(ago, said):
    last = DAY - 1 - ago  # a score as of a midnight is of the end of the day before
    text = explained(weekly(0, last=last, count=60))["silence"].text
    assert text == said.format(day_text(last)) + "; the usual gap is 7 days"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (0, "Booking rejected today ({})"),
        (1, "Booking rejected 1 day ago ({})"),
        (8, "No booking or request for 8 days (last on {}, rejected)"),
    ],
)
def test_what_was_rejected_is_no_silence_and_no_booking(ago, said):
    last = DAY - 1 - ago
    rows = [*weekly(0, last=last - 7, count=60), booking_row(0, last, business=0, rejected=1)]
    text = explained(rows)["silence"].text
    assert text == said.format(day_text(last)) + "; the usual gap is 7 days"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (0, "Booking or warehouse work today ({})"),
        (5, "Last booking or warehouse work 5 days ago ({})"),
        (8, "No booking or warehouse work for 8 days (last on {})"),
    ],
)
def test_warehouse_work_is_a_sign_of_life_and_named_as_such(ago, said):
    last = DAY - 1 - ago
    work = Series("warehouse", "outbound", "HCM-2", "", "/wms", "")
    rows = [booking_row(0, last - 7 * at, series=1, business=0) for at in range(20)]
    found = explained([*weekly(0, last=last - 150, count=40), *rows], {0: SEA, 1: work})
    assert found["silence"].text == said.format(day_text(last)) + "; the usual gap is 7 days"
    assert found["silence"].events == (EventRef("/wms", f"b0-{last}"),)
    assert "days with a booking, request or warehouse work" in found["customer_history"].text
    assert all(knows(one.text) for one in found.values())


def test_the_last_booking_of_a_score_is_the_last_one_that_stood():
    rejected = booking_row(0, DAY - 3, business=0, rejected=1)
    later = booking_row(0, DAY - 9, effect=DAY + 1, business=-1, rejected=1, demand=0)
    rows = [*weekly(0, last=DAY - 9, count=60), rejected, later]
    judge = Evaluator(facts_of(["A", "B"], rows), default_model(), clock="wall")
    assert judge.scores(DAY).last_booking_day.tolist() == [DAY - 9, -1]
    assert judge.scores(DAY).last_demand_day.tolist() == [DAY - 3, -1]
    assert judge.scores(DAY + 2).last_booking_day.tolist() == [DAY - 16, -1]


@pytest.mark.parametrize("ago", [8, 30, 50])
def test_a_silence_stands_beside_the_longest_before_only_where_that_raises_the_risk(ago):
    reason = explained(weekly(0, last=DAY - 1 - ago, count=60))["silence"]
    said = reason.text.endswith("the usual gap is 7 days, the longest of 59 gaps was 7 days")
    assert said == (reason.contribution > 0) == (ago == 50)


def test_a_short_history_says_how_short_it_is():
    text = explained(weekly(0, last=DAY - 61, count=3))["silence"].text
    assert text.endswith("the usual gap is 7 days, the longest of 2 gaps was 7 days")


def test_a_share_of_volume_names_both_of_its_windows():
    reason = explained(weekly(0, last=DAY - 8, count=60))["volume_trend"]
    assert re.fullmatch(
        r"Volume of the last 3 months at \d+ % of its own average within the last 12 months",
        reason.text,
    )


def test_the_lane_that_went_quiet_is_named():
    other = Series("sea", "FCL", "VNSGN", "USLAX", "/tms", "USD")
    rows = [booking_row(0, DAY - 1 - 7 * at) for at in range(50)]
    rows += [booking_row(0, DAY - 60 - 2 * at, series=1) for at in range(100)]
    reason = explained(rows, {0: SEA, 1: other})["recent_activity"]
    assert reason.text.startswith(
        f"VNSGN-USLAX: 0 bookings since {day_text(DAY - 60)}, normally 4 a week"
    )


def test_a_fade_is_told_in_months():
    rows = weekly(0, last=DAY - 125, count=60)
    rows += [booking_row(0, DAY - 20), booking_row(0, DAY - 80)]
    text = explained(rows)["recent_activity"].text
    assert "of the last 4 months below half of the average of the last 12 months" in text


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (day_text(20_496), "12 Feb 2026"),
        (days_text(1), "1 day"),
        (days_text(2.5), "2.5 days"),
        (days_text(47.2), "47 days"),
        (count_text(1, "booking"), "1 booking"),
        (count_text(3, "booking"), "3 bookings"),
        (rate_text(4 / 7), "4 a week"),
        (rate_text(0.07), "2 a month"),
        (rate_text(0.008), "3 a year"),
    ],
)
def test_small_english(said, expected):
    assert said == expected
