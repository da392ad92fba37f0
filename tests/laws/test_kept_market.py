"""The market of a day is kept once for all processes, by the book as it is known."""

from datetime import UTC, datetime, timedelta

import pytest

from services.signals.alerting.detectors.market import MarketTally
from services.signals.alerting.detectors.rhythm import Lane
from services.signals.store.facts import load_facts
from services.signals.store.market import (
    KeptMarket,
    book_ids,
    days_without,
    load_bookings,
    put_market,
)
from tests.support.factories import DAY, Factory

FITTED = datetime(2026, 6, 1, tzinfo=UTC)
HAMBURG = Lane("VNHPH", "DEHAM", "sea")


def keep(database, fallen, *, fitted_at=FITTED, oldest=0):
    with database.write() as connection:
        put_market(connection, fallen, fitted_at, oldest=oldest)


def kept(database, *days):
    with database.read() as connection:
        return [KeptMarket(connection)(day) for day in days]


def lacking(database, days, fitted_at=None):
    with database.read() as connection:
        return days_without(connection, days, fitted_at)


def test_a_day_that_is_not_over_has_the_market_of_the_last_one(database):
    keep(database, {10: frozenset(), 11: frozenset({HAMBURG})})
    assert kept(database, 9, 10, 11, 12) == [set(), set(), {HAMBURG}, {HAMBURG}]


def test_a_market_that_was_told_beside_another_fit_is_lacking(database):
    keep(database, {10: frozenset(), 11: frozenset()})
    assert lacking(database, range(10, 13)) == [12]
    assert lacking(database, range(10, 13), FITTED) == [12]
    assert lacking(database, range(10, 13), FITTED + timedelta(seconds=1)) == [10, 11, 12]


def test_what_is_told_again_replaces_it_and_the_oldest_days_go(database):
    keep(database, {day: frozenset() for day in range(10, 14)})
    keep(database, {13: frozenset({HAMBURG}), 14: frozenset({HAMBURG})}, oldest=12)
    assert lacking(database, range(10, 15)) == [10, 11]
    assert kept(database, 11, 12, 13, 14) == [set(), set(), {HAMBURG}, {HAMBURG}]


@pytest.mark.parametrize("size", [1, 2, 4, 50])
def test_blocks_tell_what_the_book_tells_and_merged_accounts_count_for_their_targets(
    database, size
):
    """Four fell, among them one by the bookings of another that went into it; a fifth did not."""
    factory, gone = Factory(database), DAY - 200
    for name, last in (("A", gone), ("B", gone), ("C", gone), ("D", gone), ("E", DAY - 1)):
        factory.account(name, merged_into="F" if name == "A" else None)
        factory.bookings(name, [1] * 18, day=last)
    factory.account("F")
    days = range(DAY - 1, DAY + 1)
    with database.read() as connection:
        ids, tally = book_ids(connection), MarketTally(days)
        for at in range(0, len(ids), size):
            tally.add(load_bookings(connection, ids[at : at + size], days))
        whole = load_facts(connection, ids, until_day=DAY, feeds=())
    (lane,) = {(one.origin, one.destination, one.mode) for one in whole.series.values()}
    assert tally.fallen() == {day: {lane} for day in days}
    by_all_facts = MarketTally(days)
    by_all_facts.add(whole)
    assert by_all_facts.fallen() == tally.fallen()
