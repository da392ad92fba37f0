"""A lane that fell for everybody is told by the whole book, in blocks of any size."""

import numpy as np
import pytest

from services.signals.alerting.detectors.lanes import LaneWatch
from services.signals.alerting.detectors.market import PAST_DAYS, MarketTally
from services.signals.features.facts import Series
from tests.support.facts import SEA, booking_row, facts_of, weekly

DAY = 20_000
LANES = {
    0: SEA,
    1: Series("air", "general", "VNHAN", "DEFRA", "/tms", "USD"),
    2: Series("sea", "LCL", "VNSGN", "NLRTM", "/tms", "USD"),
}
HAMBURG = ("VNHPH", "DEHAM", "sea")


def book_of(seed, accounts=50):
    """Return each account's rows: seeded rhythms on three lanes, of which many fall."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(accounts):
        own = []
        for lane, share in enumerate((0.85, 0.2, 0.1)):
            gap = int(rng.integers(3, 8))
            last = DAY - (int(rng.integers(45, 80)) if rng.random() < share else 1)
            own += [booking_row(0, day, series=lane) for day in range(last, last - 500, -gap)]
        rows.append(own)
    return rows


def facts(rows):
    moved = [(at, *row[1:]) for at, own in enumerate(rows) for row in own]
    return facts_of([f"A{at}" for at in range(len(rows))], moved, series=LANES)


def blocks(rows, size):
    return [(at, rows[at : at + size]) for at in range(0, len(rows), size)]


def market_of(rows, size, days=range(DAY - 2, DAY + 1)):
    tally = MarketTally(days)
    for _, block in blocks(rows, size):
        tally.add(facts(block))
    return tally.fallen()


def said(rows, size, market_on):
    """Return what is found where accounts are looked at in blocks of this size."""
    return {
        (at + one.account, one.scope_key, one.text, one.muted)
        for at, block in blocks(rows, size)
        for one in LaneWatch(facts(block), market_on).findings(DAY)
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [1, 4, 25])
def test_findings_and_their_mutes_are_those_of_the_whole_book_whatever_the_chunk(seed, size):
    rows = book_of(seed)
    whole = said(rows, len(rows), None)
    assert {one[-1] for one in whole} == {None, "market"}
    assert said(rows, size, market_of(rows, size).__getitem__) == whole


def users(count, fell):
    return [weekly(0, last=DAY - (40 if at < fell else 2), count=60) for at in range(count)]


@pytest.mark.parametrize(
    ("count", "fell", "market"),
    [(8, 8, True), (60, 6, False), (5, 3, True), (10, 5, False), (4, 4, False)],
)
def test_a_lane_fell_for_everybody_from_three_fifths_of_five_users_on(count, fell, market):
    assert (HAMBURG in market_of(users(count, fell), 3)[DAY]) is market


def test_no_facts_tell_of_no_market():
    assert MarketTally(range(DAY, DAY + 1)).fallen() == {DAY: frozenset()}
    assert market_of([[], []], 1) == dict.fromkeys(range(DAY - 2, DAY + 1), frozenset())


@pytest.mark.parametrize("seed", range(4))
def test_what_was_booked_long_ago_changes_no_market(seed):
    rng = np.random.default_rng(seed)
    rows = [
        [booking_row(0, DAY - int(day)) for day in rng.integers(1, 900, int(rng.integers(9, 40)))]
        for _ in range(40)
    ]
    recent = [[row for row in own if row[1] >= DAY - PAST_DAYS] for own in rows]
    days = range(DAY, DAY + 1)
    tallies = [MarketTally(days), MarketTally(days)]
    for tally, book in zip(tallies, (rows, recent), strict=True):
        tally.add(facts(book))
    assert np.array_equal(tallies[0]._counts, tallies[1]._counts)
