from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from services.ingest.entity_changes import EntityEvent
from services.ingest.fold_booking import fold_booking
from shared.contracts.inbound import Booking, Milestone, Money
from shared.domain.changes import SUMS

DAY = 86_400_000_000
SEA = {"mode": "sea", "origin": "VNHPH", "destination": "DEHAM"}


def booked(day, phase, **fields):
    payload = Booking(booking_ref="B", phase=phase, **fields)
    return EntityEvent(day * DAY, "/tms", f"b{day}-{phase}", payload)


def rows_of(events):
    """Return (day of the event, what it changed)."""
    return [
        (event.time // DAY, change)
        for event, changes in zip(events, fold_booking(events), strict=True)
        for change in changes
    ]


def as_of(events, day):
    """Sum what was known before `day`."""
    rows = [change for at, change in rows_of(events) if at < day]
    return {name: total for n, name in enumerate(SUMS) if (total := sum(r.sums[n] for r in rows))}


def test_a_confirmed_booking_is_demand_and_business():
    assert as_of([booked(10, "confirmed", teu=2)], 11) == {"demand": 1, "business": 1, "teu": 2000}


def test_nothing_is_known_before_the_event():
    assert as_of([booked(10, "confirmed")], 10) == {}


def test_a_request_is_a_sign_of_life_but_no_business():
    assert as_of([booked(10, "requested", teu=2)], 11) == {"demand": 1}


def test_amended_alone_counts_as_confirmed():
    assert as_of([booked(10, "amended")], 11) == {"demand": 1, "business": 1}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("customer", {"cancelled": 1}),
        ("carrier", {"demand": 1, "rejected": 1}),
        ("us", {"demand": 1, "rejected": 1}),
    ],
)
def test_who_cancelled_decides_whether_the_customer_still_asked(by, expected):
    assert as_of([booked(10, "confirmed"), booked(12, "cancelled", by=by)], 13) == expected


def test_a_declined_offer_is_neither_demand_nor_business():
    assert as_of([booked(10, "declined")], 11) == {}


def test_a_master_bill_is_no_business():
    assert as_of([booked(10, "confirmed", level="master")], 11) == {}


def test_the_business_day_is_the_first_events_day_whatever_arrives_later():
    rows = rows_of([booked(20, "completed"), booked(10, "requested")])

    assert {change.day for _, change in rows} == {10}


def test_a_later_change_of_lane_moves_the_booking_from_its_own_day_on():
    events = [booked(10, "confirmed", **SEA), booked(15, "amended", destination="NLRTM")]
    rows = rows_of(events)

    gone = [(at, change.sums[1]) for at, change in rows if change.series.destination == "DEHAM"]
    come = [(at, change.sums[1]) for at, change in rows if change.series.destination == "NLRTM"]
    assert gone == [(10, 1), (15, -1)]
    assert come == [(15, 1)]


def test_null_clears_a_field_and_absence_leaves_it():
    events = [booked(10, "confirmed", teu=2, weight_kg=100.0), booked(11, "amended", teu=None)]

    assert as_of(events, 12) == {"demand": 1, "business": 1, "weight": 100_000}


def test_chargeable_weight_comes_before_weight():
    assert as_of([booked(10, "confirmed", weight_kg=5.0, chargeable_kg=9.5)], 11)["weight"] == 9500


def test_a_margin_in_another_currency_is_not_summed():
    events = [
        booked(10, "confirmed", revenue=Money(amount="10", currency="USD"),
               margin=Money(amount="99", currency="VND"))
    ]  # fmt: skip

    assert "margin" not in as_of(events, 11)


def stone(day, classifier, due, **fields):
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=due)
    fields |= {"classifier": classifier, "occurred_at": moment}
    payload = Milestone(booking_ref="B", code="delivered", **fields)
    return EntityEvent(day * DAY, "/tms", f"m{day}-{classifier}-{due}", payload)


def test_a_delivery_after_its_promise_is_late_from_the_day_it_was_reported():
    events = [booked(10, "confirmed"), stone(10, "planned", 20), stone(23, "actual", 22)]

    assert "late" not in as_of(events, 23)
    assert as_of(events, 24) == {"demand": 1, "business": 1, "delivered": 1, "late": 1}


def test_the_promise_is_frozen_at_confirmation():
    events = [
        stone(9, "planned", 20),
        booked(10, "confirmed"),
        stone(15, "planned", 30),
        stone(26, "actual", 25),
    ]

    assert as_of(events, 27)["late"] == 1


def test_a_delay_said_by_the_source_is_late_without_any_plan():
    assert as_of([booked(10, "confirmed"), stone(26, "actual", 25, delay_h=5.0)], 27)["late"] == 1


def test_a_retracted_delivery_did_not_happen():
    events = [
        booked(10, "confirmed"),
        stone(20, "actual", 20),
        stone(21, "estimated", 30, retracts="m20-actual-20"),
    ]

    assert as_of(events, 21)["delivered"] == 1
    assert "delivered" not in as_of(events, 22)


def test_any_order_of_arrival_folds_to_the_same_rows():
    events = [
        booked(10, "requested", **SEA),
        booked(12, "confirmed", teu=1),
        booked(14, "rolled", by="carrier"),
        stone(12, "planned", 20),
        stone(25, "actual", 24),
    ]

    folds = {
        tuple(
            sorted(
                (event.id, tuple(changes))
                for event, changes in zip(order, fold_booking(order), strict=True)
            )
        )
        for order in permutations(events)
    }

    assert len(folds) == 1


@pytest.mark.parametrize(
    ("fields", "counted"),
    [
        ({"incoterm": "FOB"}, {"nominated": 1}),
        ({"incoterm": " fob Haiphong"}, {"nominated": 1}),
        ({"incoterm": "CIF"}, {"freehand": 1}),
        ({"incoterm": "DDU"}, {"freehand": 1}),
        ({"incoterm": "N/A"}, {}),
        ({"incoterm": None}, {}),
        ({"nominated_by": "agent"}, {"nominated": 1}),
        ({"nominated_by": "us", "incoterm": "FOB"}, {"freehand": 1}),
        ({"nominated_by": None, "incoterm": "EXW"}, {"nominated": 1}),
    ],
)
def test_who_chose_the_forwarder_is_said_outright_or_by_the_incoterm(fields, counted):
    assert as_of([booked(10, "confirmed", **fields)], 11) == {"demand": 1, "business": 1} | counted


def test_who_chose_counts_of_business_alone():
    assert as_of([booked(10, "requested", incoterm="FOB")], 11) == {"demand": 1}


def test_a_choice_that_is_amended_is_known_from_then_on():
    events = [booked(10, "confirmed", incoterm="CIF"), booked(14, "amended", incoterm="FOB")]
    both = {"demand": 1, "business": 1}
    assert as_of(events, 14) == both | {"freehand": 1}
    assert as_of(events, 15) == both | {"nominated": 1}
