"""The fit of a population is a function of the facts before its month, and of nothing else."""

import json

import numpy as np
import pytest

from services.signals.features.history import DemandDays
from services.signals.scoring.population import (
    PopulationFit,
    PopulationPast,
    fit_day,
    fit_population,
)
from tests.support.facts import booking_row, facts_of, weekly


def day_of(text):
    return int(np.datetime64(text, "D").astype(np.int64))


FROM = day_of("2026-03-01")


def book(order, *, late=()):
    """Return 60 accounts in the order given, every third silent for the last four months."""
    rows = []
    for place, name in enumerate(order):
        silent = 120 if name % 3 == 0 else name % 11
        rows += weekly(place, last=FROM - 1 - silent, count=8 + name % 25, gap=5 + name % 9)
        rows += [booking_row(place, day) for who, day in late if who == name]
    return DemandDays(facts_of([f"A{name:02}" for name in order], rows))


PLAIN = range(60)
FIT = fit_population(book(PLAIN), FROM)


def test_the_fit_knows_the_population():
    assert FIT.params is not None
    assert FIT.shift != 0.0


def test_the_order_of_the_accounts_changes_no_bit():
    shuffled = [int(one) for one in np.random.default_rng(3).permutation(60)]
    assert fit_population(book(shuffled), FROM) == FIT


def test_blocks_of_any_size_change_no_bit():
    for size in (1, 7, 60):
        past = PopulationPast(FROM)
        for at in range(0, 60, size):
            block = list(PLAIN)[at : at + size]
            past.add(block, book(block))
        assert past.fit() == FIT


def test_what_happens_from_the_first_of_the_month_on_changes_no_bit():
    later = [(name, FROM + name % 20) for name in PLAIN]
    assert fit_population(book(PLAIN, late=later), FROM) == FIT


def test_a_late_fact_changes_the_fit_and_the_mark_of_its_account_alone():
    late = book(PLAIN, late=[(9, FROM - 40)])
    assert fit_population(late, FROM) != FIT
    before, after = PopulationPast(FROM), PopulationPast(FROM)
    before.add([one + 100 for one in PLAIN], book(PLAIN))
    after.add([one + 100 for one in PLAIN], late)
    assert before.basis().moved([107, 108, 109, 110], late.marks(FROM)[7:11]) == [109]
    assert not before.basis().same(after.basis())


def test_the_mark_of_an_account_is_that_of_its_days_not_of_the_rows_they_came_in():
    once = DemandDays(facts_of(["A"], [booking_row(0, 50, demand=2), booking_row(0, 60)]))
    apart = DemandDays(facts_of(
        ["A"], [booking_row(0, 60), booking_row(0, 50, series=1), booking_row(0, 50)]
    ))  # fmt: skip
    taken_back = DemandDays(facts_of(
        ["A"], [booking_row(0, 50), booking_row(0, 50, effect=70, demand=-1), booking_row(0, 60)]
    ))  # fmt: skip
    assert once.marks(90) == apart.marks(90)
    assert once.marks(90) != once.marks(55)
    assert taken_back.marks(65) != taken_back.marks(90)


def test_an_account_that_nobody_knew_has_moved_once_it_has_a_past():
    past = PopulationPast(FROM)
    past.add([1], book([1]))
    assert past.basis().moved([2], book([2]).marks(FROM)) == [2]
    assert past.basis().moved([2], np.zeros(1, dtype=np.uint64)) == []


def test_a_month_in_which_half_the_market_stays_away_raises_everybody():
    def market(stay_away):
        rows = []
        for place in PLAIN:
            last = FROM - 35 if place < stay_away else FROM - 1 - place % 5
            rows += weekly(place, last=last, count=40 + place % 9, gap=6 + place % 3)
        return fit_population(DemandDays(facts_of([f"A{n}" for n in PLAIN], rows)), FROM)

    assert market(0).shift < 0.1
    assert market(30).shift > market(0).shift + 0.5


def test_nobody_leaves_the_parameters_to_the_model():
    empty = DemandDays(facts_of(["A"], weekly(0, last=FROM + 9, count=2)))
    assert fit_population(empty, FROM) == PopulationFit(FROM, None, 0.0)
    assert PopulationPast(FROM).fit() == PopulationFit(FROM, None, 0.0)


@pytest.mark.parametrize(
    ("day", "first"),
    [("2026-03-01", "2026-02-01"), ("2026-03-02", "2026-03-01"), ("2026-03-31", "2026-03-01"),
     ("2026-04-01", "2026-03-01"), ("2026-04-02", "2026-04-01")],
)  # fmt: skip
def test_scores_use_the_fit_of_the_month_that_their_last_day_is_in(day, first):
    assert fit_day(day_of(day)) == day_of(first)


def test_a_fit_survives_being_stored():
    assert PopulationFit.of(FROM, json.loads(json.dumps(FIT.stored()))) == FIT
