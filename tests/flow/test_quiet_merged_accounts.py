"""A merge taken back while a feed is silent: the account shows the score that it had."""

import json
from datetime import timedelta

import pytest

from shared.store.session import Database
from tests.support.merging import ALIVE, INTO_B, NOW, Parted

SCORE = """
SELECT s.state, s.risk, s.band, s.list, s.curve, s.base, s.reasons, s.band_floor, s.thresholds,
  s.early_warning_months, s.lost, s.last_booking_at, s.model_version
FROM account_score s JOIN account a ON a.id = s.account_id WHERE a.account_id = 'A'
"""
JSON = ("curve", "reasons", "band_floor", "thresholds")


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
    """Return the score; of lists, SQLite gives the text."""
    (found,) = world.rows(SCORE)
    texts = [name for name in JSON if isinstance(found[name], str)]
    return found | {name: json.loads(found[name]) for name in texts}


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


def test_a_feed_that_fell_silent_during_the_merge_leaves_the_score_of_one_never_merged(
    database, sqlite_in, tmp_path_factory
):
    other = Database(sqlite_in(tmp_path_factory.mktemp("other")))
    merged, never = Parted(database, "wall", NOW), Parted(other, "wall", NOW)
    for world in (merged, never):
        for at, name in enumerate(["A", "C1", "C2", "C3", "C4"]):
            start = NOW - timedelta(days=349 - at)
            world.bookings(name, weeks=50, start=start, source="/old")
        world.days_pass(1)
    assert score_of_a(merged)["state"] == "scored"

    merged.say("account", "A", INTO_B)
    for world in (merged, never):
        world.days_pass(14)
    merged.say("account", "A", ALIVE)
    merged.settle()

    assert score_of_a(merged) == score_of_a(never)
    assert score_of_a(never)["state"] == "no_data"
    other.close()
