"""Histories that nobody can learn from: no crash, no NaN beside a state, no confident number."""

import numpy as np
import pytest

from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from services.signals.training.local_train import InsufficientDataError, prepare, train_local
from tests.support.facts import booking_row, facts_of, told, weekly

DAY = 20_000


def many_in_a_day(day):
    return booking_row(0, day, demand=100_000, business=100_000, teu=100_000_000)


HISTORIES = {
    "nobody": ([], []),
    "an account without a booking": (["A"], []),
    "two bookings": (["A"], weekly(0, last=DAY - 9, count=2)),
    "three bookings on one day": (["A"], [booking_row(0, DAY - 9, demand=3, business=3)]),
    "100,000 bookings on one day": (["A"], [many_in_a_day(DAY - 9)]),
    "100,000 bookings on each of three days": (
        ["A"], [many_in_a_day(DAY - back) for back in (9, 16, 23)],
    ),
    "all in the future": (["A"], weekly(0, last=DAY + 900, count=20)),
    "no volume at all": (
        ["A"], [booking_row(0, DAY - 7 * back, business=0) for back in range(1, 30)],
    ),
    "more cancelled than booked": (
        ["A"], [booking_row(0, DAY - 7 * back, demand=-1, business=-1) for back in range(1, 30)],
    ),
    "one month": (["A", "B"], weekly(0, last=DAY - 2, count=4) + weekly(1, last=DAY - 1, count=5)),
    "two hundred years": (["A"], [booking_row(0, DAY - 24_000 * back) for back in range(1, 4)]),
    "the same day again and again": (["A"], [booking_row(0, DAY - 5, series=0)] * 500),
}  # fmt: skip


@pytest.mark.parametrize("name", HISTORIES)
def test_every_account_has_a_state_and_no_number_beside_insufficient_data(name):
    accounts, rows = HISTORIES[name]
    evidence = [told(at, "complaint", "T", DAY - 3, phase="opened") for at in range(len(accounts))]
    judge = Evaluator(
        facts_of(accounts, rows, evidence=evidence), default_model(), clock="event"
    )  # fmt: skip
    scores = judge.scores(DAY)
    assert len(scores.state) == len(accounts)
    for at, state in enumerate(scores.state):
        explained = judge.explain(DAY, scores, at)
        if state == "insufficient_data":
            assert np.isnan(scores.curve[at]).all()
            assert (scores.band[at], explained.reasons) == (None, ())
            continue
        assert ((scores.curve[at] > 0) & (scores.curve[at] < 1)).all()
        assert (np.diff(scores.curve[at]) >= 0).all()
        logit = explained.base + sum(one.contribution for one in explained.reasons)
        assert 1 / (1 + np.exp(-logit)) == pytest.approx(scores.risk[at], abs=1e-6)


@pytest.mark.parametrize("name", HISTORIES)
def test_training_says_what_is_missing(name):
    accounts, rows = HISTORIES[name]
    with pytest.raises(InsufficientDataError, match="insufficient data: "):
        prepare(facts_of(accounts, rows), DAY, "wall")


def test_training_takes_zeros_bursts_and_strangers_in_its_stride():
    rng = np.random.default_rng(2)
    rows = [booking_row(99, DAY - 400), many_in_a_day(DAY - 500)]
    for account in range(98):
        stop = int(rng.integers(100, 900))
        days = range(DAY - 900, DAY - 900 + stop, 13)
        rows += [booking_row(account, day, business=account % 2) for day in days]
    facts = facts_of([f"A{at}" for at in range(100)], rows)
    store = prepare(facts, DAY, "wall")
    trained = train_local(store, default_model(), "v")
    figures = [*trained.comparison.candidate.values(), *trained.comparison.incumbent.values()]
    assert np.isfinite(figures).all()
    assert np.isfinite(trained.model.logits(store.rows.values)).all()
