import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from services.signals.training.measures import (
    auc,
    brier,
    calibration_error,
    lift,
    monthly_auc,
    pr_auc,
    precision,
    precision_at_budget,
    recall,
    reliability,
    top_of_month,
)

RNG = np.random.default_rng(0)
RISK = np.round(RNG.random(500), 2)
LOST = RNG.random(500) < RISK
MONTH = np.repeat(np.arange(5), 100)


def test_ranking_and_error_are_those_of_scikit_learn():
    assert auc(LOST, RISK) == pytest.approx(roc_auc_score(LOST, RISK))
    assert pr_auc(LOST, RISK) == pytest.approx(average_precision_score(LOST, RISK))
    assert brier(LOST, RISK) == pytest.approx(brier_score_loss(LOST, RISK))


def test_the_monthly_auc_leaves_out_months_without_both_kinds():
    lost = LOST.copy()
    lost[MONTH == 0] = False
    rest = [auc(lost[one == MONTH], RISK[one == MONTH]) for one in range(1, 5)]
    assert monthly_auc(lost, RISK, MONTH) == pytest.approx(np.mean(rest))


def test_precision_is_of_the_top_tenth_of_each_month():
    perfect = LOST.astype(float)
    assert precision_at_budget(LOST, perfect, MONTH) == 1.0
    assert precision_at_budget(LOST, -perfect, MONTH) == 0.0


def test_a_calibrated_risk_has_a_small_error_and_a_shifted_one_its_shift():
    assert calibration_error(LOST, RISK) < 0.1
    assert calibration_error(np.zeros(100, dtype=bool), np.full(100, 0.3)) == pytest.approx(0.3)


def test_the_budget_is_of_each_month_and_ties_go_to_the_first():
    month = np.array([0] * 10 + [1] * 20)
    score = np.array([*range(10), *[7.0] * 20])
    assert np.flatnonzero(top_of_month(score, month, 0.1)).tolist() == [9, 10, 11]
    assert not top_of_month(score[:4], month[:4], 0.1).any()


def test_what_a_list_finds_by_rows_and_by_amount():
    lost = np.array([1, 1, 0, 0, 1, 0, 0, 0, 0, 0], dtype=bool)
    chosen = np.array([1, 0, 1, 0, 0, 0, 0, 0, 0, 0], dtype=bool)
    assert precision(lost, chosen) == 0.5
    assert recall(lost, chosen) == pytest.approx(1 / 3)
    assert lift(lost, chosen) == pytest.approx(0.5 / 0.3)
    assert recall(lost, chosen, np.array([6.0, 1, 9, 9, 1, 9, 9, 9, 9, 9])) == 0.75


def test_nothing_chosen_and_nothing_lost_are_unknown_not_zero():
    nobody = np.zeros(4, dtype=bool)
    assert np.isnan(precision(~nobody, nobody))
    assert np.isnan(recall(nobody, ~nobody))
    assert np.isnan(lift(nobody, ~nobody))
    assert np.isnan(recall(~nobody, ~nobody, np.zeros(4)))


def test_the_reliability_curve_has_bins_of_equal_mass():
    lost = np.array([0, 0, 1, 0, 1, 1], dtype=bool)
    risk = np.array([0.1, 0.2, 0.3, 0.4, 0.8, 0.9])
    low, high = reliability(lost, risk, bins=2)
    assert low == pytest.approx((0.2, 1 / 3, 3))
    assert high == pytest.approx((0.7, 2 / 3, 3))
    assert len(reliability(lost, risk)) == 6
