import numpy as np
import pytest

from services.signals.features.facts import Feed, Series
from services.signals.features.feeds import Feeds, silent_feeds
from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from tests.support.facts import booking_row, facts_of

MONDAY = 20_024  # 28 Oct 2024
HOUR = 24


def feed(source, kind, until, accounts=20):
    """Return a feed with events in every office hour of the working days before `until`."""
    hours = [
        day * HOUR + hour
        for day in range(MONDAY - 210, until)
        if (day - MONDAY) % 7 < 5
        for hour in range(8, 18)
    ]
    return Feed(source, kind, np.array(hours, dtype=np.int64), accounts, imported=False)


BOOKINGS, OTHERS = ("/tms", "booking"), ("/wms", "milestone")
ALIVE = feed(*OTHERS, until=MONDAY + 30)


def test_a_weekend_without_events_is_no_silence():
    feeds = [feed(*BOOKINGS, until=MONDAY - 2), ALIVE]
    assert silent_feeds(feeds, MONDAY, "event") == set()


def test_a_feed_that_stops_is_silent_after_five_times_its_longest_usual_gap():
    feeds = [feed(*BOOKINGS, until=MONDAY), ALIVE]  # usual gap 14 h over night: silent after 70 h
    assert silent_feeds(feeds, MONDAY + 2, "event") == set()
    assert silent_feeds(feeds, MONDAY + 4, "event") == {BOOKINGS}


def test_on_the_event_clock_silence_needs_another_feed_that_lives():
    alone = [feed(*BOOKINGS, until=MONDAY)]
    assert silent_feeds(alone, MONDAY + 10, "event") == set()
    assert silent_feeds(alone, MONDAY + 10, "wall") == {BOOKINGS}
    both = [feed(*BOOKINGS, until=MONDAY), feed(*OTHERS, until=MONDAY)]
    assert silent_feeds(both, MONDAY + 10, "event") == set()


def test_small_feeds_and_master_data_are_never_silent():
    feeds = [feed(*BOOKINGS, until=MONDAY, accounts=4), feed("/crm", "account", MONDAY), ALIVE]
    assert silent_feeds(feeds, MONDAY + 20, "event") == set()


def test_a_burst_of_complaints_makes_no_feed_that_can_fall_silent():
    burst = feed("/crm", "complaint", until=MONDAY)
    burst = Feed("/crm", "complaint", burst.hours[-30:], 20, imported=False)
    assert silent_feeds([burst, ALIVE], MONDAY + 20, "event") == set()


TMS = Series("sea", "FCL", "VNHPH", "DEHAM", "/tms", "USD")
WMS = Series("warehouse", "outbound", "HCM-2", "", "/wms", "")


def affected(rows, *silent):
    """Return whether account 0 hangs on silent feeds alone."""
    facts = facts_of(["A"], rows, series={0: TMS, 1: WMS})
    return bool(Feeds(facts).affected(MONDAY, set(silent))[0])


def test_who_has_warehouse_work_alone_hangs_on_the_feed_of_the_warehouse():
    work = [booking_row(0, MONDAY - 9, series=1, business=0)]
    assert affected(work, ("/wms", "warehouse"))
    assert not affected(work, ("/wms", "booking"), ("/tms", "booking"))


def test_who_has_bookings_hangs_on_their_feed_whatever_the_warehouse_sends():
    rows = [booking_row(0, MONDAY - 9), booking_row(0, MONDAY - 2, series=1, business=0)]
    assert affected(rows, ("/tms", "booking"))
    assert not affected(rows, ("/wms", "warehouse"))


def test_later_events_do_not_wake_a_feed_of_today():
    gone = feed(*BOOKINGS, until=MONDAY)
    later = np.append(gone.hours, (MONDAY + 20) * HOUR)
    feeds = [Feed("/tms", "booking", later, 20, imported=False), ALIVE]
    assert silent_feeds(feeds, MONDAY + 4, "event") == {BOOKINGS}


@pytest.fixture
def judge():
    series = {0: Series("", "", "", "", "/tms", ""), 1: Series("", "", "", "", "/tms2", "")}
    rows = [booking_row(0, MONDAY - 5 - 7 * at) for at in range(30)]
    rows += [booking_row(1, MONDAY - 5 - 7 * at, series=at % 2) for at in range(30)]
    rows += [booking_row(2, MONDAY - 500 - 7 * at) for at in range(30)]
    feeds = [feed(*BOOKINGS, until=MONDAY), feed("/tms2", "booking", MONDAY + 30), ALIVE]
    facts = facts_of(["only", "both", "old"], rows, series=series, feeds=feeds)
    return Evaluator(facts, default_model(), clock="event")


def test_a_silent_feed_marks_the_accounts_that_booked_through_it_alone(judge):
    before, after = judge.scores(MONDAY), judge.scores(MONDAY + 5)
    assert before.state == ("scored", "scored", "lost")
    assert after.state == ("no_data", "scored", "lost")
    assert after.silent_feed.tolist() == [True, False, False]
    np.testing.assert_allclose(before.coverage, 1.0)
    np.testing.assert_allclose(after.coverage, [0.5, 1.0, 1.0])
