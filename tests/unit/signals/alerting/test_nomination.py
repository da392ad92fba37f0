"""Who chooses the forwarder of a lane: a shift is told, a mixture and a slip of the pen are not."""

import pytest

from services.signals.alerting.detectors.nomination import NominationWatch
from services.signals.features.facts import Series
from shared.domain.sentences import knows, said
from tests.support.facts import SEA, booking_row, facts_of

DAY = 20_000
SHIFT = DAY - 30


def booked(day, side, **other):
    return booking_row(0, day, **{side: 1}, **other)


def weekly(side, *, last, count):
    return [booked(last - 7 * back, side) for back in range(count)]


def found(rows, day=DAY, **world):
    return NominationWatch(facts_of(["A"], rows, **world)).findings(day)


FREE_HAND = weekly("freehand", last=SHIFT, count=60)
SHIFTED = FREE_HAND + weekly("nominated", last=SHIFT + 21, count=3)


def test_a_lane_whose_last_bookings_the_other_side_chose_is_told_with_its_size():
    (one,) = found(SHIFTED)
    assert one.type == one.reason == "nomination_shift"
    assert one.scope == {
        "kind": "lane", "origin": "VNHPH", "destination": "DEHAM", "mode": "sea"
    }  # fmt: skip
    assert one.text == (
        "VNHPH-DEHAM (sea): forwarder chosen by the consignee's side for 3 of the last 5 bookings,"
        " by the shipper's side for 51 of 51 before; the lane has 100 % of the bookings"
    )
    assert [event.id for event in one.events] == ["b0-19977", "b0-19984", "b0-19991"]
    assert not one.standing


@pytest.mark.parametrize("language", ["vi", "pt"])
def test_it_is_told_in_every_language(language):
    (one,) = found(SHIFTED)
    assert knows(one.text)
    assert "chosen by" not in said(one.text, language)


def test_the_other_way_round_is_a_shift_too():
    rows = weekly("nominated", last=SHIFT, count=60) + weekly("freehand", last=DAY - 9, count=3)
    (one,) = found(rows)
    assert "chosen by the shipper's side for 3 of the last 5 bookings" in one.text


def test_two_bookings_of_the_other_side_are_no_shift_yet():
    assert found(FREE_HAND + weekly("nominated", last=SHIFT + 14, count=2)) == []


def test_a_shift_is_known_only_from_the_day_after_its_third_booking():
    assert found(SHIFTED, SHIFT + 21) == []
    assert found(SHIFTED, SHIFT + 22)


def test_a_lane_that_was_always_mixed_begins_no_alert():
    mixed = [booked(SHIFT - 7 * at, "freehand" if at % 5 else "nominated") for at in range(60)]
    shifted = found(mixed + weekly("nominated", last=SHIFT + 21, count=3))
    assert [one.standing for one in shifted] == [True]  # told to an alert that stands, begins none


def test_a_lane_that_is_too_new_to_have_a_usual_side_says_nothing():
    rows = weekly("freehand", last=SHIFT, count=12) + weekly("nominated", last=SHIFT + 21, count=3)
    assert found(rows) == []


def test_who_went_back_to_the_usual_side_has_no_shift():
    assert found(SHIFTED + weekly("freehand", last=DAY - 1, count=3)) == []


def test_bookings_that_were_cancelled_or_corrected_since_are_no_shift():
    taken_back = [
        booked(day, "nominated") for day in range(SHIFT + 2, SHIFT + 5)
    ] + [
        booking_row(0, day, effect=DAY - 5, demand=0, business=0, nominated=-1, freehand=1)
        for day in range(SHIFT + 2, SHIFT + 5)
    ]  # fmt: skip
    assert found(FREE_HAND + taken_back, DAY - 5)
    assert found(FREE_HAND + taken_back) == []


def test_an_alert_that_stands_goes_on_until_the_new_side_is_the_usual_one():
    rows = FREE_HAND + weekly("nominated", last=SHIFT + 7 * 60, count=60)
    told = [(day, found(rows, day)) for day in range(SHIFT + 22, SHIFT + 400, 7)]
    kinds = ["none" if not one else "standing" if one[0].standing else "new" for _, one in told]
    assert kinds == sorted(kinds, key=["new", "standing", "none"].index)
    assert kinds.index("standing") * 7 > 90
    assert kinds.index("none") * 7 > 200


def test_one_lane_of_two_is_sized_by_its_share():
    other = [booking_row(0, SHIFT - 6 * at, series=1) for at in range(52)]
    lanes = {0: SEA, 1: Series("sea", "FCL", "VNSGN", "USLAX", "/tms", "USD")}
    (one,) = found(SHIFTED + other, series=lanes)
    assert one.text.endswith("; the lane has 50 % of the bookings")


def test_bookings_without_a_named_lane_are_not_judged():
    assert found(SHIFTED, series={0: Series("sea", "", "", "", "/tms", "")}) == []
