"""Which events a reason of the service record names."""

import pytest

from services.signals.features.facts import EventRef
from services.signals.features.service_events import MOST, ServiceSpan, service_events
from tests.support.facts import booking_row, facts_of

DAY = 20_000


def late(day, count=1, *, effect=None):
    return booking_row(0, day, effect=effect, demand=0, business=0, delivered=count, late=count)


def named(rows, span):
    facts = facts_of(["A"], rows)
    return [one.id for one in service_events(facts, slice(0, len(rows)), span)]


def test_those_of_the_span_are_named_and_no_others():
    rows = [late(DAY - 31), late(DAY - 30), late(DAY - 1), late(DAY)]
    assert named(rows, ServiceSpan("late", DAY - 30, DAY)) == [f"s0-{DAY - 30}", f"s0-{DAY - 1}"]


def test_what_was_taken_back_is_not_named():
    rows = [late(DAY - 9), late(DAY - 9, -1, effect=DAY - 8), late(DAY - 5)]
    assert named(rows, ServiceSpan("late", DAY - 30, DAY)) == [f"s0-{DAY - 5}"]


def test_of_many_the_latest_are_named():
    rows = [late(DAY - ago) for ago in range(1, 26)]
    latest = sorted(f"s0-{DAY - ago}" for ago in range(1, MOST + 1))
    assert named(rows, ServiceSpan("late", DAY - 30, DAY)) == latest


@pytest.mark.parametrize("name", ["rolled", "rejected", "cancelled"])
def test_another_trouble_is_not_named(name):
    assert named([late(DAY - 5)], ServiceSpan(name, DAY - 30, DAY)) == []


def test_an_account_has_its_own_rows():
    rows = [late(DAY - 5), booking_row(1, DAY - 4, business=0, rolled=1)]
    facts = facts_of(["A", "B"], rows)
    found = service_events(facts, slice(1, 2), ServiceSpan("rolled", DAY - 30, DAY))
    assert found == (EventRef("/tms", f"s1-{DAY - 4}"),)
