"""A model of one's own history: judged out of time, refused when worse, silent when ignorant."""

from dataclasses import replace

import numpy as np
import pytest

from services.signals.hazard.model import default_model
from services.signals.scoring.evidence import PRIORS
from services.signals.training import local_train
from services.signals.training.hindsight import hindsight
from services.signals.training.local_card import local_card
from services.signals.training.local_train import (
    Comparison,
    InsufficientDataError,
    prepare,
    train_local,
)
from services.signals.training.methods import InForce
from services.signals.training.rolling import Plan
from tests.support.facts import booking_row, facts_of

START = int(np.datetime64("2022-01-01").astype(int))
END = int(np.datetime64("2025-01-01").astype(int))


def history(*, accounts=80, months=36, lost=True, seed=3):
    """Return regular accounts of which many stop for good, each at a time of its own."""
    random = np.random.default_rng(seed)
    end = START + round(months * 30.4375)
    rows = []
    for account in range(accounts):
        stops = random.integers(START + 200, end + 400) if lost else end
        day = START + int(random.integers(0, 60))
        while day < min(stops, end):
            rows.append(booking_row(account, day))
            day += 1 + int(random.poisson(9))
    return facts_of([f"A{n}" for n in range(accounts)], rows), end


def month_start(day):
    return int(np.datetime64(day, "D").astype("datetime64[M]").astype("datetime64[D]").astype(int))


@pytest.fixture(scope="module")
def store():
    facts, _ = history()
    return prepare(facts, END, "wall")


@pytest.fixture(scope="module")
def trained(store):
    return train_local(store, default_model(), "local-2025-01")


def test_the_candidate_is_judged_beside_the_incumbent_on_the_same_months(trained):
    judged = trained.comparison
    assert judged.rows >= 100
    assert judged.candidate.keys() == judged.incumbent.keys() == {"auc_m", "brier", "log_loss"}
    assert judged.candidate["log_loss"] < judged.incumbent["log_loss"]
    assert judged.refusal is None


def test_the_artifact_says_what_it_is_made_of(trained):
    kept = trained.model.manifest
    assert trained.model.version == "local-2025-01"
    assert kept["evidence"]["weights"] == pytest.approx(PRIORS), "no evidence: beliefs stay"
    assert (kept["trained_until"], kept["data"]["accounts"]) == ("2024-12", 80)
    assert len(kept["data"]["sha256"]) == 64
    for watch, high, critical in trained.model.cuts.values():
        assert 0 < watch <= high <= critical <= 70
    card = local_card(trained.model, "promoted")
    assert "`local-2025-01`" in card
    assert "| severe_complaint_open | +1.20 | +1.20 | 0 |" in card


def test_training_twice_gives_the_same_model(store, trained):
    again = train_local(store, default_model(), "local-2025-01")
    assert again.comparison == trained.comparison
    assert again.model.manifest == trained.model.manifest
    assert again.model.cuts == trained.model.cuts


def test_an_incumbent_is_only_judged_from_when_it_was_fitted(store, trained):
    seen = replace(default_model(), version="old", manifest={"trained_until": "2024-06"})
    judged = train_local(store, seen, "next").comparison
    assert 0 < judged.rows < trained.comparison.rows, "month starts of July to October"
    seen = replace(seen, manifest={"trained_until": "2024-12"})
    judged = train_local(store, seen, "next").comparison
    assert "0 account-months (0 lost) closed since the incumbent was fitted" in (
        judged.refusal or ""
    )


def test_the_shipped_model_is_judged_by_its_twin_that_never_saw_the_population(
    store, trained, monkeypatch
):
    shipped = default_model()
    ridge, dropout = shipped.members
    swapped = (ridge._replace(weight=0.9), dropout._replace(weight=0.1))
    twin = replace(shipped, members=swapped, version="prior-1.without-this")
    monkeypatch.setattr(local_train, "load_prior", lambda excluding: twin)
    judged = train_local(store, shipped, "next").comparison
    assert judged.incumbent != trained.comparison.incumbent


@pytest.mark.parametrize(
    ("mine", "said"),
    [
        ({"log_loss": 0.31, "auc_m": 0.9}, "log loss 0.3100, the incumbent's is 0.3000"),
        ({"log_loss": 0.29, "auc_m": 0.7}, "AUC_m 0.7000, the incumbent's is 0.8000"),
        ({"log_loss": 0.30, "auc_m": 0.8}, None),
    ],
)
def test_a_worse_candidate_is_refused_with_both_figures(mine, said):
    theirs = {"log_loss": 0.30, "auc_m": 0.8}
    assert Comparison(500, 60, mine, theirs).refusal == said


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({"accounts": 1}, "1 accounts have 3 booking days"),
        ({"accounts": 0}, "0 complete months"),
        ({"months": 6}, "6 complete months"),
        ({"lost": False, "months": 30}, "0 closed windows were lost"),
    ],
    ids=["one account", "nobody", "half a year", "nobody was lost"],
)
def test_too_little_is_said_and_counted(shape, said):
    facts, end = history(**shape)
    with pytest.raises(InsufficientDataError, match=f"insufficient data: {said}"):
        prepare(facts, month_start(end), "wall")


def test_hindsight_flatters_when_what_came_late_is_looked_at():
    facts, _ = history()
    truth, rows = prepare(facts, END, "wall")
    method, plan = InForce(default_model()), Plan(8, 30)
    late = replace(facts, effect_day=facts.effect_day + 40)
    found = hindsight(method, plan, truth, rows, late)
    assert found["difference"] == pytest.approx(found["in_hindsight"] - found["as_known"], abs=2e-4)
    assert found["in_hindsight"] > found["as_known"]
    assert hindsight(method, plan, truth, rows, facts)["difference"] == 0.0
