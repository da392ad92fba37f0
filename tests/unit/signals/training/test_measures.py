import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from services.signals.training.measures import (
    auc,
    brier,
    calibration_error,
    monthly_auc,
    pr_auc,
    precision_at_budget,
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
