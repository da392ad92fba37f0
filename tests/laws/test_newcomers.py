"""Accounts that are new get a row to be claimed by, on either database."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from services.signals.store.newcomers import SWEEP_SECONDS, Newcomers
from shared.store.tables import AccountFactsRow, AccountScoreRow
from tests.support.factories import FixedClock

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def newcomers(clock):
    return Newcomers(clock)


def come(database, *accounts):
    facts = {"revision": 1, "events_total": 1, "first_event_at": NOW, "last_event_at": NOW}
    with database.write() as connection:
        connection.execute(
            insert(AccountFactsRow),
            [{"account_id": one, **facts, "changed_at": NOW} for one in accounts],
        )


def wait(newcomers, database):
    with database.read() as connection:
        return newcomers.waits(connection, NOW).fresh


def welcome(newcomers, database, **how):
    with database.write() as connection:
        newcomers.welcome(connection, lambda first: first, how.pop("limit", 10), **how)
        return list(
            connection.scalars(
                select(AccountScoreRow.account_id).order_by(AccountScoreRow.account_id)
            )
        )


def test_a_new_account_is_found_and_welcomed_once(database, newcomers):
    assert not wait(newcomers, database)
    come(database, 1, 2)
    assert wait(newcomers, database)
    assert welcome(newcomers, database) == [1, 2]
    assert not wait(newcomers, database)


def test_more_than_the_limit_are_welcomed_in_turns(database, newcomers):
    come(database, 1, 2, 3)
    assert welcome(newcomers, database, limit=2) == [1, 2]
    assert wait(newcomers, database)
    assert welcome(newcomers, database, limit=2) == [1, 2, 3]


def test_an_account_that_commits_below_the_highest_is_found_within_seconds(
    database, clock, newcomers
):
    come(database, 7)
    welcome(newcomers, database)
    come(database, 3)
    assert not wait(newcomers, database)
    clock.passed += SWEEP_SECONDS
    assert wait(newcomers, database)
    assert welcome(newcomers, database) == [3, 7]


def test_one_among_the_urgent_is_welcomed_wherever_its_id_stands(database, newcomers):
    come(database, 7)
    welcome(newcomers, database)
    come(database, 3, 4)
    assert welcome(newcomers, database, among=[3]) == [3, 7]


def test_those_whom_another_process_welcomed_are_not_compared_again(database, clock, newcomers):
    come(database, 1, 2)
    welcome(Newcomers(clock), database)
    assert not wait(newcomers, database)
    come(database, 3)
    assert welcome(newcomers, database) == [1, 2, 3]
