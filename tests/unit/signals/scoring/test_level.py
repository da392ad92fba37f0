from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from services.signals.backtest.engine import prepare
from services.signals.hazard.model import default_model
from services.signals.scoring.level import market_level
from services.signals.training.methods import Blend
from services.signals.training.rolling import Plan, rolling
from tests.support.populations import made_up

MONTHS = 12


def market(accounts, shift, seed=0):
    """Return logits and rows of months in which silence came by `shift` more than usual."""
    rng = np.random.default_rng(seed)
    some = prepare(made_up()).rows
    rows = some.take(np.resize(np.arange(len(some.month)), accounts * MONTHS))
    month = np.repeat(np.arange(MONTHS), accounts)
    z = rng.normal(-1.5, 1.0, month.size)
    moved = np.array([shift.get(one, 0.0) for one in range(MONTHS)])[month]
    quiet = rng.random(month.size) < expit(0.5 + 0.8 * z + moved)
    return z, replace(rows, month=month, quiet=quiet)


def level_of(z, rows):
    return market_level(z, rows.quiet, rows.month, MONTHS)


def test_usual_months_move_nobody():
    assert abs(level_of(*market(400, {}))) < 0.02


@pytest.mark.parametrize("sign", [1, -1])
def test_part_of_a_shock_of_the_last_month_is_passed_on(sign):
    level = level_of(*market(400, {MONTHS - 1: sign * 1.5}))
    assert 0.6 < sign * level < 1.2


def test_a_second_month_of_shock_weighs_more_and_an_old_one_nothing():
    one, two, old = (
        level_of(*market(400, dict.fromkeys(when, 1.5)))
        for when in ([MONTHS - 1], [MONTHS - 2, MONTHS - 1], [MONTHS - 5])
    )
    assert two > 1.15 * one
    assert abs(old) < 0.05


def test_few_accounts_are_believed_less():
    many, few = (
        np.mean([level_of(*market(n, {MONTHS - 1: 1.5}, seed)) for seed in range(20)])
        for n in (400, 6)
    )
    assert few < many / 2


def test_a_silent_month_of_some_dozen_accounts_is_passed_on_more_carefully():
    """As in a real set: 74 accounts, most of them silent in August, back in September."""
    levels = [level_of(*market(74, {MONTHS - 1: 1.5}, seed)) for seed in range(20)]
    assert 0.3 < np.mean(levels) < 0.75


@pytest.mark.parametrize("silent", [True, False])
def test_a_past_without_two_kinds_of_months_moves_nobody(silent):
    z, rows = market(40, {})
    assert level_of(z, replace(rows, quiet=np.full(z.size, silent))) == 0.0
    assert level_of(z[:0], rows.take(rows.month < 0)) == 0.0


def test_a_shock_moves_the_risks_of_the_blend_and_keeps_the_order():
    rows, plan = prepare(made_up()).rows, Plan(20, 20)
    shocked = replace(rows, quiet=rows.quiet | (rows.month == 19))
    calm, moved = (rolling(one, Blend(default_model()), plan).forecast for one in (rows, shocked))
    here = rows.month == 20
    before, after = calm.curve[here, 0], moved.curve[here, 0]
    assert (after > before).all()
    assert np.array_equal(np.argsort(before), np.argsort(after))
    assert np.array_equal(calm.erosion, moved.erosion, equal_nan=True)
