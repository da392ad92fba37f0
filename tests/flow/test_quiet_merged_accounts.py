"""A merge taken back while a feed is silent: the account shows the score that it had."""

from datetime import timedelta

import pytest

from tests.support.merging import ALIVE, INTO_B, NOW, Parted

SCORE = """
SELECT s.state, s.risk, s.band, s.list, s.curve, s.base, s.reasons, s.band_floor, s.thresholds,
  s.early_warning_months, s.lost, s.last_booking_at, s.model_version
FROM account_score s JOIN account a ON a.id = s.account_id WHERE a.account_id = 'A'
"""


@pytest.fixture(params=["wall", "event"])
def quiet(request, database):
    """A and five others book by one feed, which stops; B goes on by another."""
    world = Parted(database, request.param, NOW)
    for at, name in enumerate(["A", "C1", "C2", "C3", "C4"]):
        start = NOW - timedelta(days=351 - at)
        world.bookings(name, weeks=49, start=start, source="/old")
    world.bookings("B", weeks=50, start=NOW - timedelta(days=351))
    world.days_pass(12)
    return world


def score_of_a(world):
    (found,) = world.rows(SCORE)
    return found


@pytest.mark.parametrize("merged_days", [1, 3])
def test_the_score_comes_back_as_it_was_before_the_merge(quiet, merged_days):
    before = score_of_a(quiet)
    assert before["state"] == "no_data"
    assert before["risk"] is not None
    quiet.say("account", "A", INTO_B)
    quiet.days_pass(merged_days)
    quiet.settle()
    assert score_of_a(quiet)["risk"] is None
    quiet.say("account", "A", ALIVE)
    quiet.settle()
    assert score_of_a(quiet) == before


def test_it_does_so_too_where_the_feed_fell_silent_during_the_merge(database):
    world = Parted(database, "wall", NOW)
    for at, name in enumerate(["A", "C1", "C2", "C3", "C4"]):
        start = NOW - timedelta(days=349 - at)
        world.bookings(name, weeks=50, start=start, source="/old")
    world.days_pass(1)
    before = score_of_a(world)
    assert before["state"] == "scored"
    world.say("account", "A", INTO_B)
    world.days_pass(14)
    world.say("account", "A", ALIVE)
    world.settle()
    assert score_of_a(world) == before | {"state": "no_data"}
