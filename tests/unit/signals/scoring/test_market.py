"""A shock is told from chance, from habit and from season; the repair is part of it."""

import numpy as np
import pytest

from services.signals.features.history import DemandDays
from services.signals.hazard.dropout import SHIPPED
from services.signals.scoring.market import SHARE, MarketMonth, market_month, market_shift
from tests.support.facts import facts_of, weekly


def months(*realised, accounts=2000):
    return [
        MarketMonth(31 * at, predicted=0.2, realised=one, accounts=accounts)
        for at, one in enumerate(realised)
    ]


CALM = (0.20, 0.21, 0.19, 0.20, 0.205, 0.195, 0.21, 0.19, 0.20, 0.2, 0.21, 0.19)


def test_calm_months_move_nobody():
    assert market_shift(months(*CALM)) == 0.0


def test_two_months_of_twice_the_silence_raise_everybody_by_part_of_it():
    shift = market_shift(months(*CALM, 0.40, 0.42))
    asked = np.log(0.40 / 0.60) - np.log(0.20 / 0.80)
    assert shift == pytest.approx(SHARE * asked, rel=0.05)


def test_one_odd_month_is_no_shock_and_the_repair_ends_with_it():
    assert market_shift(months(*CALM, 0.42)) == 0.0
    assert market_shift(months(*CALM, 0.40, 0.42, 0.20)) == 0.0


def test_what_happens_every_year_is_a_season():
    year = (*CALM[:10], 0.40, 0.42)
    again = [one._replace(day=one.day + 366) for one in months(*year)]
    assert market_shift([*months(*year), *again]) == 0.0


def test_a_boom_lowers_everybody():
    assert market_shift(months(*CALM, 0.08, 0.08)) < -0.3


def test_few_accounts_or_months_say_nothing():
    assert market_shift(months(*CALM[:4], 0.5, 0.5)) == 0.0
    assert market_shift(months(*CALM, 0.26, 0.26, accounts=25)) == 0.0
    few = DemandDays(facts_of(["A"], weekly(0, last=100, count=10)))
    assert market_month(few.span(90), few.span(120), SHIPPED) is None


def test_a_month_counts_who_fell_silent_among_those_known_before():
    day = 1000
    rows = [row for n in range(40) for row in weekly(n, last=day - (40 if n < 10 else 2), count=30)]
    demand = DemandDays(facts_of([f"A{n}" for n in range(40)], rows))
    seen = market_month(demand.span(day - 30), demand.span(day), SHIPPED)
    assert (seen.accounts, seen.realised) == (40, 0.25)
    assert 0.0 < seen.predicted < 0.2
