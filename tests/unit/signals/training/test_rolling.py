from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from services.signals.backtest.baselines import Chance, Order
from services.signals.backtest.engine import prepare
from services.signals.hazard.interface import Forecast
from services.signals.hazard.model import default_model
from services.signals.hazard.platt import platt
from services.signals.scoring.evidence import PRIORS
from services.signals.training.evidence import CODES
from services.signals.training.methods import Prior, evidence_of
from services.signals.training.rolling import Plan, rolling
from tests.support.populations import made_up


def test_refits_are_monthly_unless_asked_otherwise():
    assert [Plan(10, 60).fitted_at(month) for month in (10, 23, 24, 29)] == [10, 23, 24, 29]
    assert [Plan(10, 60, 3).fitted_at(month) for month in (10, 11, 12)] == [9, 9, 12]


class Spy:
    """A method that remembers what it was given."""

    name = "spy"

    def __init__(self):
        self.fits, self.pasts = [], []

    def fit(self, rows, month):
        labels = rows.labels(month)
        self.fits.append((month, rows.month.max(initial=-1), labels))
        return self

    def predict(self, rows, past):
        self.pasts.append((rows.month.min(), past.month.max(initial=-1)))
        return Forecast(np.full((rows.month.size, 12), 0.5), np.full(rows.month.size, 0.5))


def test_training_sees_only_windows_that_had_closed():
    spy, rows = Spy(), prepare(made_up()).rows
    forecast = rolling(rows, spy, Plan(12, 20, 2)).forecast
    assert [month for month, _, _ in spy.fits] == [12, 14, 16, 18, 20]
    for month, newest, labels in spy.fits:
        seen = rows.month[rows.month < month]
        assert newest == month - 1
        for horizon in (1, 6, 12):
            expected = seen + horizon - 1 + 3 <= month
            assert np.array_equal(labels.known[:, horizon - 1], expected)
            assert not labels.lost[~expected, horizon - 1].any()
        assert not labels.eroded_known[seen + 3 > month].any()
    assert [past for _, past in spy.pasts] == [month - 1 for month, _ in spy.pasts]
    tested = (rows.month >= 12) & (rows.month <= 20)
    assert np.isnan(forecast.curve[~tested]).all()
    assert not np.isnan(forecast.curve[tested]).any()


def test_platt_is_logistic_regression_on_one_number():
    rng = np.random.default_rng(0)
    z = rng.normal(3, 2, 4000)
    outcome = rng.random(4000) < 1 / (1 + np.exp(1.0 - 0.7 * z))
    theirs = LogisticRegression(C=1e6).fit(z[:, None], outcome)
    intercept, slope = platt(z, outcome)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=0.01)
    assert slope == pytest.approx(theirs.coef_[0, 0], abs=0.01)


def test_a_level_never_turns_the_order():
    z = np.linspace(-1, 1, 100)
    outcome = z < 0
    assert platt(z, outcome)[1] == 0.0
    assert platt(np.zeros(100), outcome)[0] == pytest.approx(0.0, abs=1e-3)


def test_recency_keeps_its_order_and_chance_its_draw():
    rows = prepare(made_up()).rows
    plan = Plan(12, 20)
    order = Order("recency", lambda part: part.recency)
    risk = rolling(rows, order, plan).forecast.curve[:, 0]
    month = rows.month == 15
    ranked = np.argsort(rows.recency[month], kind="stable")
    assert (np.diff(risk[month][ranked]) >= 0).all()
    first, again = (rolling(rows, Chance(0), plan).forecast.curve for _ in range(2))
    assert np.array_equal(first, again, equal_nan=True)
    assert not np.array_equal(first, rolling(rows, Chance(1), plan).forecast.curve, equal_nan=True)


def test_evidence_moves_a_risk_by_its_belief_until_outcomes_say_otherwise():
    rows, plan = prepare(made_up()).rows, Plan(8, 20)
    told = np.zeros_like(rows.strength)
    told[::3, CODES.index("repeated_complaints")] = 1.0
    warned = replace(rows, strength=told)
    plain, moved = (
        rolling(one, Prior(default_model()), plan).forecast.curve[:, 0] for one in (rows, warned)
    )
    tested, odds = ~np.isnan(plain), moved / (1 - moved) / (plain / (1 - plain))
    assert np.log(odds[tested & (told.any(axis=1))]) == pytest.approx(1.2)
    assert np.array_equal(plain[tested & ~told.any(axis=1)], moved[tested & ~told.any(axis=1)])

    useless = evidence_of(warned, 20, default_model()).weights["repeated_complaints"]
    assert 0.0 <= useless < 0.8, "kept as often as the others: worth less than believed"
    assert evidence_of(rows, 20, default_model()).weights == pytest.approx(PRIORS)
