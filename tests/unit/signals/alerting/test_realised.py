"""Realised warnings of small worlds that a reader can check with a calendar."""

import numpy as np
import pytest

from services.signals.alerting.realised import Span, joined, losses, rescues
from services.signals.features.history import DemandDays
from shared.domain.warnings import Loss, performance
from tests.support.facts import facts_of, weekly


def day(text):
    return int(np.datetime64(text, "D").astype(int))


LAST = day("2026-03-30")
OBVIOUS = LAST + 31
TODAY = LAST + 120


def world(*, quiet=1, busy=9):
    """Return demand of weekly accounts that stopped on LAST, then of slower ones that go on."""
    rows = [row for n in range(quiet) for row in weekly(n, last=LAST, count=60)]
    for n in range(busy):
        rows += weekly(quiet + n, last=TODAY - 1 - n, count=40, gap=20)
    ids = [f"A{n}" for n in range(quiet + busy)]
    return DemandDays(facts_of(ids, rows)), ids


def told(spans, **shape):
    demand, ids = world(**shape)
    return losses(demand, TODAY, ids, spans)


def test_the_alert_that_was_open_when_the_silence_became_obvious_is_the_warning():
    early = Span("a", LAST - 61, None, None)
    (lost,) = told({0: [early]})
    assert (lost.outcome, lost.alert_id, lost.name) == ("lost", "a", f"lost/{LAST}")
    assert lost.loss[:3] == (LAST, OBVIOUS, LAST - 61)


@pytest.mark.parametrize(
    "spans",
    [
        [],
        [Span("over", LAST - 61, LAST - 10, "recovered_alone")],
        [Span("late", OBVIOUS + 5, None, None)],
    ],
    ids=["never", "closed before", "opened after"],
)
def test_a_loss_without_an_open_alert_then_was_missed(spans):
    (lost,) = told({0: spans})
    assert lost.loss.leadline is None


def test_an_expired_alert_and_the_one_that_follows_it_are_one_warning():
    chain = [Span("a", LAST - 50, LAST - 5, None), Span("b", LAST - 3, None, None)]
    assert joined(chain) == [Span("b", LAST - 50, None, None)]
    (lost,) = told({0: chain})
    assert (lost.loss.leadline, lost.alert_id) == (LAST - 50, "b")


def test_recency_at_the_same_budget_catches_the_silent_account_only_once_it_is_silent():
    (lost,) = told({0: [Span("a", LAST - 200, None, None)]})
    assert LAST < lost.loss.recency <= OBVIOUS


def test_without_open_alerts_the_baselines_have_no_budget_either():
    (lost,) = told({})
    assert lost.loss[2:] == (None, None, None)


def test_chance_catches_everybody_when_the_budget_is_everybody():
    spans = {n: [Span(f"a{n}", LAST - 40, None, None)] for n in range(10)}
    (lost,) = told(spans)
    assert lost.loss.random == day("2026-02-23")  # the first Monday with alerts open


def test_an_account_is_saved_when_it_books_again_after_an_alert_that_ended_well():
    demand, _ = world()
    spans = {
        0: [Span("gone", LAST - 90, LAST + 1, "recovered_alone")],
        1: [Span("kept", TODAY - 60, TODAY - 20, "recovered_by_action")],
        2: [Span("noise", TODAY - 60, TODAY - 20, "recovered_alone")],
    }
    (saved,) = rescues(demand, TODAY, spans)
    assert (saved.account, saved.name, saved.outcome) == (1, "saved/kept", "saved")


def test_the_summary_counts_a_missed_loss_as_zero_months():
    caught = Loss(1000, 1031, 1000 - 61, None, 1010)
    missed = Loss(1000, 1031, None, None, None)
    ours = performance([caught, missed], "leadline")
    assert (ours.lost, ours.caught, ours.caught_before_last_booking) == (2, 1, 1)
    assert ours.months_to_last_booking == pytest.approx(1.0, abs=0.01)
    assert ours.months_to_obvious == pytest.approx(92 / 2 / 30.4375)
    late = performance([caught, missed], "recency")
    assert (late.caught, late.caught_before_last_booking) == (1, 0)
    assert late.months_to_last_booking == 0.0
    assert performance([], "random").months_to_obvious is None
