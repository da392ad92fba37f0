"""Drift, from facts alone."""

import numpy as np
import pytest

from services.signals.features.history import DemandDays
from services.signals.hazard.dropout import SHIPPED
from services.signals.upkeep.drift import drift, market_volume, psi, recency_psi, stayed_silent
from services.signals.upkeep.record import Told, closed_starts, outcome, same_rows
from tests.support.facts import facts_of, weekly

DAY = 20_000
IDS = [f"A{n}" for n in range(40)]


def steady(last=DAY - 1, accounts=40, count=90):
    return [row for n in range(accounts) for row in weekly(n, last=last - n % 7, count=count)]


def test_half_of_the_bookings_is_seen_at_once():
    everybody = facts_of(IDS, steady())
    assert market_volume(everybody, DAY) == pytest.approx(1.0, abs=0.05)
    half = [row for row in steady() if row[0] < 20 or row[1] < DAY - 28]
    assert market_volume(facts_of(IDS, half), DAY) == pytest.approx(0.5, abs=0.05)


def test_a_short_past_has_no_usual_volume():
    assert market_volume(facts_of(IDS, steady(count=6)), DAY) is None
    assert market_volume(facts_of(IDS, []), DAY) is None


def test_rhythms_that_stay_are_stable_and_rhythms_that_change_are_not():
    assert max(recency_psi(DemandDays(facts_of(IDS, steady())), DAY).values()) < 0.1
    late = [row for row in steady() if row[1] < DAY - 40]
    assert recency_psi(DemandDays(facts_of(IDS, late)), DAY)["recency_mean"] > 0.25


def test_the_index_of_an_unchanged_distribution_is_nothing():
    values = np.random.default_rng(0).random(5000)
    assert psi(values, values) == pytest.approx(0.0)
    assert psi(np.zeros(50), np.zeros(50)) == pytest.approx(0.0)
    assert psi(values, values + 0.3) > 0.25


def test_nothing_is_said_of_an_empty_population():
    empty = drift(facts_of([], []), SHIPPED, DAY)
    assert empty == (None, None, None, {})


def test_the_windows_that_count_have_closed():
    day = int(np.datetime64("2026-05-20", "D").astype(int))
    names = np.array(closed_starts(day)).astype("datetime64[D]").astype(str)
    assert (names[0], names[-1], len(names)) == ("2025-03-01", "2026-02-01", 12)


def test_an_account_stayed_silent_when_three_calendar_months_are_empty():
    start, end, day = (int(np.datetime64(one).astype(int)) for one in
                       ("2026-02-01", "2026-05-01", "2026-06-01"))  # fmt: skip
    rows = [*weekly(0, last=start - 1, count=5), *weekly(1, last=end - 1, count=1),
            *weekly(2, last=end, count=1), *weekly(2, last=start - 1, count=5)]  # fmt: skip
    demand = DemandDays(facts_of(["A", "B", "C"], rows))
    accounts = np.arange(3)
    silent = stayed_silent(demand, day, accounts, np.full(3, start))
    assert silent.tolist() == [1.0, 0.0, 1.0]


def test_told_risks_are_held_against_what_came():
    start = int(np.datetime64("2026-02-01").astype(int))
    lost = [row for n in range(30) for row in weekly(n, last=start - 1, count=9)]
    kept = [row for n in range(30, 120) for row in weekly(n, last=start + 120, count=40)]
    demand = DemandDays(facts_of([f"A{n}" for n in range(120)], lost + kept))
    account, starts = np.arange(120), np.full(120, start)
    right = Told(account, starts, np.where(account < 30, 0.9, 0.1))
    wrong = Told(account, starts, np.full(120, 0.6))
    came = outcome(demand, right, start + 130)
    assert (came["rows"], came["base_rate"], came["auc_m"]) == (120, 0.25, 1.0)
    assert came["ece"] == pytest.approx(0.1, abs=0.02)
    assert outcome(demand, wrong, start + 130)["ece"] > 0.3
    assert outcome(demand, right.take(account < 50), start + 130) is None


def test_champion_and_challenger_are_compared_on_the_same_account_months():
    one = Told(np.array([0, 1, 2]), np.array([5, 5, 5]), np.array([0.1, 0.2, 0.3]))
    other = Told(np.array([1, 2, 3]), np.array([5, 5, 5]), np.array([0.7, 0.8, 0.9]))
    ours, theirs = same_rows(one, other)
    assert (ours.risk.tolist(), theirs.risk.tolist()) == ([0.2, 0.3], [0.7, 0.8])
