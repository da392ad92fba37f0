"""Chance is no reason to alert: seeded accounts that book at a constant random rate."""

import numpy as np
import pytest

from services.signals.alerting.detectors.chance import drop_chance
from services.signals.alerting.detectors.lanes import LaneWatch
from services.signals.alerting.detectors.volume import VolumeWatch
from tests.support.healthy import steady_accounts

LAST = 20_000
YEARS = 3
RATES = (2, 5, 10, 30)
ACCOUNTS = 40
APART_DAYS = 28


def looks(watch, first, every):
    """Return the findings of each look, by day."""
    return {day: watch.findings(day) for day in range(first, LAST + 1, every)}


def spells(found, key):
    """Return how often a finding began for each key; it goes on over gaps of four weeks."""
    seen, began = {}, {}
    for day, findings in found.items():
        for one in findings:
            if day - seen.get(key(one), -LAST) > APART_DAYS:
                began[key(one)] = began.get(key(one), 0) + 1
            seen[key(one)] = day
    return began


@pytest.fixture(scope="module")
def healthy():
    rates = np.repeat(RATES, ACCOUNTS)
    return steady_accounts(rates, first=LAST - 365 * (YEARS + 1), last=LAST, seed=11)


def test_accounts_that_book_at_random_erode_less_than_once_in_ten_years(healthy):
    found = spells(looks(VolumeWatch(healthy), LAST - 365 * YEARS, 7), lambda one: one.account)
    false = np.array([found.get(at, 0) for at in range(len(RATES) * ACCOUNTS)])
    per_year = false.reshape(len(RATES), ACCOUNTS).mean(axis=1) / YEARS
    assert (per_year <= 0.1).all(), dict(zip(RATES, per_year.tolist(), strict=True))


def test_lanes_that_are_booked_at_random_fall_silent_less_than_once_in_ten_account_years(healthy):
    found = spells(
        looks(LaneWatch(healthy, None), LAST - 365 * YEARS, 3),
        lambda one: (one.account, one.scope_key),
    )
    false = np.zeros(len(RATES) * ACCOUNTS)
    for (account, _), times in found.items():
        false[account] += times
    per_year = false.reshape(len(RATES), ACCOUNTS).mean(axis=1) / YEARS
    assert (per_year <= 0.1).all(), dict(zip(RATES, per_year.tolist(), strict=True))


def test_a_busy_account_that_halves_is_told_within_four_months():
    fall = LAST - 122
    facts = steady_accounts(
        [30] * ACCOUNTS, first=fall - 550, last=LAST, seed=12, falls=(fall, 0.5)
    )
    found = looks(VolumeWatch(facts), fall, 7)
    assert len({one.account for findings in found.values() for one in findings}) >= 0.9 * ACCOUNTS


def test_the_chance_of_a_drop_is_the_binomial_one():
    chance = drop_chance(np.array([0.0, 3.0, 45.0]), np.array([9.0, 9.0, 270.0]), np.full(3, 0.25))
    assert chance[0] == pytest.approx(0.75**9)
    assert chance[1] == pytest.approx(0.6488, abs=1e-4)  # of 12 tosses at 1/4, at most 3
    assert chance[2] < 1e-4
