"""Scores do not depend on when the population's fit was made, nor on what came before it."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cli.commands.score import current_day, scored
from services.signals.scoring.population import fit_day
from services.signals.store.fits import read_fits
from services.signals.upkeep.job import run_upkeep
from shared.runtime.settings import Settings
from shared.store.base import to_micros
from shared.store.session import Database
from tests.support.factory import Installation

NOW = datetime(2026, 6, 10, 10, tzinfo=UTC)
TODAY = (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days
JUNE = fit_day(TODAY)
SCORES = """
SELECT a.account_id, s.risk, s.base, s.band, s.early_warning_months FROM account_score s
JOIN account a ON a.id = s.account_id ORDER BY a.account_id
"""
ACCOUNTS = [f"A{number}" for number in range(1, 13)]


@pytest.fixture(params=["wall", "event"])
def leadline(request, database):
    return Installation(database, request.param, NOW)


@pytest.fixture
def other_database(sqlite_in, tmp_path_factory):
    opened = Database(sqlite_in(tmp_path_factory.mktemp("other")))
    yield opened
    opened.close()


def past_of(leadline, account, *, last=NOW - timedelta(days=1)):
    """Book every fifth to tenth day for most of a year; every fourth account stops in February."""
    number = int(account[1:])
    end = last - timedelta(days=100 if number % 4 == 0 else number % 3)
    start = end - timedelta(weeks=40)
    leadline.bookings(account, weeks=40, every_days=5 + number % 6, start=start)
    leadline.bookings(account, weeks=1, start=end)


def fits(leadline):
    with leadline.database.read() as connection:
        return read_fits(connection, range(TODAY - 30, TODAY + 2))


def by_hand(leadline, day):
    """Return what `leadline score` says of each account, whoever kept a fit before."""
    settings = Settings(_env_file=None, clock=leadline.clock_name)
    rows = leadline.rows("SELECT id, account_id FROM account ORDER BY account_id")
    return [
        scored(leadline.database, settings, row["id"], day, None, explain=False)["risk"]
        for row in rows
    ]


def test_a_past_that_comes_in_pieces_gives_the_scores_of_one_that_came_at_once(
    leadline, other_database
):
    for account in ACCOUNTS:
        past_of(leadline, account)
        leadline.work()
    at_once = Installation(other_database, leadline.clock_name, NOW)
    for account in reversed(ACCOUNTS):
        past_of(at_once, account)
    at_once.work()
    assert fits(leadline)[JUNE] == fits(at_once)[JUNE]
    assert leadline.rows(SCORES) == at_once.rows(SCORES)


def test_the_command_line_says_what_the_service_says_before_it_and_after(leadline):
    for account in ACCOUNTS:
        past_of(leadline, account)
    day = TODAY + 1 if leadline.clock_name == "wall" else TODAY  # the last event came yesterday
    before = by_hand(leadline, day)
    leadline.work()
    assert by_hand(leadline, day) == before
    settings = Settings(_env_file=None, clock=leadline.clock_name)
    key = leadline.rows("SELECT id FROM account ORDER BY account_id")[0]["id"]
    assert current_day(leadline.database, key) == day
    assert scored(leadline.database, settings, key, day, None, explain=False)["risk"] == before[0]
    stored = [row["risk"] for row in leadline.rows(SCORES)]
    assert stored == before


def test_a_fit_is_kept_for_every_month_that_was_scored(leadline):
    for account in ACCOUNTS:
        past_of(leadline, account)
    leadline.work()
    months = [
        datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in sorted(fits(leadline))
    ]
    assert {month.day for month in months} == {1}
    assert [month.month for month in months[-2:]] == [5, 6]


def test_upkeep_follows_the_few_late_facts_that_no_look_followed_at_once(database):
    leadline = Installation(database, "wall", NOW)
    for account in ACCOUNTS:
        past_of(leadline, account)
    leadline.work()
    before = fits(leadline)
    late = NOW - timedelta(days=60, hours=1)
    leadline.bookings("A5", weeks=1, every_days=3, start=late)
    assert run_upkeep(leadline.database, leadline.clock, "wall")
    assert fits(leadline) != before
    asked_at = leadline.clock.now()
    leadline.work()
    (asked,) = leadline.rows("SELECT count(*) AS n FROM account_score WHERE scored_revision < 0")
    assert asked["n"] == 0
    (oldest,) = leadline.rows("SELECT min(as_of) AS as_of FROM account_score")
    assert oldest["as_of"] >= to_micros(asked_at)
