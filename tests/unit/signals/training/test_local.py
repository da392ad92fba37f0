from dataclasses import replace

import numpy as np
import pytest

from services.signals.hazard.forecast import forecast
from services.signals.training import prior as priors
from services.signals.training.erosion import MonthlyVolume
from services.signals.training.fingerprint import fingerprint
from services.signals.training.local import fit_local
from services.signals.training.population import booking_facts, population_of
from services.signals.training.prior import PriorKnowsThisError, load_prior
from services.signals.training.rows import population_rows

START = int(np.datetime64("2018-01-01").astype("datetime64[D]").astype(int))


def bookings(seed=3, accounts=60):
    """Return (account, day, amount): bookers every 12 days, of whom half stop some day."""
    rng = np.random.default_rng(seed)
    found = []
    for account in range(accounts):
        day, end = int(rng.integers(0, 90)), 1000 if account % 2 else int(rng.integers(200, 900))
        while day < end:
            found.append((account, START + day, float(rng.integers(1, 9))))
            day += 1 + int(rng.poisson(12))
    return np.array(found)


def population(found):
    account, day = found[:, 0].astype(int), found[:, 1].astype(int)
    names = tuple(f"C{one}" for one in range(60))
    return population_of(booking_facts(names, account, day, found[:, 2]), "made-up")


@pytest.fixture(scope="module")
def rows():
    return population_rows(population(bookings()), 6, 6)


def test_without_closed_losses_the_prior_speaks_alone(rows):
    prior = load_prior()
    assert fit_local(rows, 7, prior).members == prior.members


def test_few_losses_trust_what_stays_near_the_prior(rows):
    model = fit_local(rows, 16, load_prior())
    weights = {one.origin: one.weight for one in model.members}
    assert set(weights) == {"drawn", "own", "prior", "drop-out"}
    assert sum(weights.values()) == pytest.approx(1.0)
    assert weights["drawn"] == 0.5
    assert 0 < weights["own"] < 0.05


def test_the_drawn_regression_of_few_losses_says_nearly_what_the_prior_says(rows):
    prior = load_prior()
    drawn = fit_local(rows, 16, prior).members[0].scorer
    apart = drawn.logits(rows.values) - prior.members[0].scorer.logits(rows.values)
    assert np.abs(apart).mean() < 0.35


def test_local_models_that_know_better_take_over(rows):
    contrary = replace(load_prior(), members=tuple(map(mirrored, load_prior().members)))
    weights = {one.origin: one.weight for one in fit_local(rows, 30, contrary).members}
    assert weights["drawn"] + weights["own"] > 0.8


def mirrored(member):
    """Return a scorer that says the opposite: nobody needs a prior like that."""
    scorer = member.scorer
    wrong = replace(scorer, intercept=-scorer.intercept, coefficients=-scorer.coefficients)
    return member._replace(scorer=wrong)


def test_no_open_label_and_no_later_event_is_read(rows):
    month, found = 20, bookings()
    cut = START + 610  # the first day of month 20 is day 608
    changed = found[(found[:, 1] < cut) | (found[:, 0] % 3 == 0)]
    changed = np.concatenate([changed, np.array([[one, START + 990, 1e9] for one in range(60)])])
    other = population_rows(population(changed), 6, 6)
    flipped = replace(rows, lost=np.where(rows.labels(month).known, rows.lost, ~rows.lost))
    now = rows.take(rows.month == month).features
    expected = forecast(fit_local(rows, month, load_prior()), now)
    for training in (other, flipped):
        given = forecast(fit_local(training, month, load_prior()), now)
        np.testing.assert_array_equal(given.curve, expected.curve)
        np.testing.assert_array_equal(given.erosion, expected.erosion)


def test_erosion_compares_three_months_with_six():
    days = [int(np.datetime64(f"2020-{m:02}-10").astype(int)) for m in range(1, 13)]
    amounts = np.array([9.0] * 6 + [3.0, 2.0, 3.0, 0.0, 0.0, 0.0])
    facts = booking_facts(("A",), np.zeros(12, dtype=int), np.array(days), amounts)
    volume = MonthlyVolume(population_of(facts, "one"))
    eroded, known = volume.eroded(6)  # 8/3 against 9: 29.6 %
    assert eroded.tolist() == known.tolist() == [True]
    assert not volume.eroded(3)[0][0]
    assert not volume.eroded(11)[1][0]


def test_a_set_of_the_prior_gets_the_prior_that_never_saw_it(monkeypatch):
    mine, other = population(bookings(1)).facts, population(bookings(2)).facts

    class Artifact:
        def __init__(self, version):
            self.version = version
            self.manifest = {"data": {"a": {"fingerprint": " ".join(fingerprint(mine))}}}

    monkeypatch.setattr(priors, "shipped", Artifact)
    assert load_prior(excluding=mine).version == "prior-1.without-a"
    assert load_prior(excluding=other).version == load_prior().version == "prior-1"


def test_events_of_several_sets_of_the_prior_have_no_honest_prior(monkeypatch):
    facts = population(bookings(1)).facts
    one = {"fingerprint": " ".join(fingerprint(facts))}

    class Artifact:
        def __init__(self, version):
            self.manifest = {"data": {"a": one, "b": one}}

    monkeypatch.setattr(priors, "shipped", Artifact)
    with pytest.raises(PriorKnowsThisError):
        load_prior(excluding=facts)
