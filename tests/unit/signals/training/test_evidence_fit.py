"""A simulated forwarder whose accounts leave for known reasons: the fit finds the reasons again."""

import numpy as np
import pytest
from scipy.special import expit

from services.signals.scoring.book import EvidenceBook
from services.signals.scoring.evidence import FAMILY_CAP, PRIORS
from services.signals.training.evidence import CODES, fit_evidence, log_odds, strengths
from services.signals.training.measures import calibration_error
from tests.support.facts import facts_of, told

BASE = -2.2
TRUE = {"stakeholder_left": 2.0, "severe_complaint_open": 0.5, "kam_changed": 0.0}
"""What truly moves people: departures more than believed, complaints less, our own change not."""
MONTHS = range(20_000, 20_000 + 31 * 18, 31)


def forwarder(seed, accounts):
    """Return rows (base, strengths, lost) of accounts with departures, complaints and new KAMs."""
    random = np.random.default_rng(seed)
    evidence = []
    for account in range(accounts):
        evidence += [
            told(account, "contact_change", "p", 19_000, change="joined", influence="champion"),
            told(account, "contact_change", "q", 19_000, change="joined", influence="operates"),
            told(account, "account", "", 19_000, kam={"id": "first"}),
        ]
        at = random.uniform(19_800, 20_560, 3)
        happens = random.random(3) < 0.5
        if happens[0]:
            evidence.append(told(account, "contact_change", "p", at[0], change="left"))
        if happens[1]:
            evidence.append(told(account, "complaint", "T", at[1], phase="opened", severity=1))
            solved = at[1] + 60
            evidence.append(told(account, "complaint", "T", solved, phase="solved"))
        if happens[2]:
            evidence.append(told(account, "account", "", at[2], kam={"id": "second"}))
    book = EvidenceBook(facts_of([f"A{n}" for n in range(accounts)], [], evidence=evidence))
    strength = np.concatenate([strengths(book.as_of(day), accounts) for day in MONTHS])
    base = BASE + random.normal(0, 0.8, len(strength))
    truth = base + log_odds(strength, dict.fromkeys(CODES, 0.0) | TRUE)
    return base, strength, random.random(len(truth)) < expit(truth)


@pytest.fixture(scope="module")
def many():
    return forwarder(1, 1500)


@pytest.fixture(scope="module")
def learned(many):
    # Each window is drawn by itself here: none overlaps another.
    return fit_evidence(*many, part=1.0)


def test_with_many_outcomes_the_true_effects_are_found_whatever_was_believed(learned):
    for code in ("stakeholder_left", "severe_complaint_open"):
        assert learned.weights[code] == pytest.approx(TRUE[code], abs=0.2)


def test_useless_evidence_shrinks_to_nothing(learned):
    assert learned.weights["kam_changed"] < 0.1 < PRIORS["kam_changed"]


def test_the_learned_level_holds_for_accounts_with_and_without_evidence(learned):
    base, strength, lost = forwarder(2, 800)
    risk = expit(base + learned.offset + log_odds(strength, learned.weights))
    believed = expit(base + log_odds(strength, PRIORS))
    left = strength[:, CODES.index("stakeholder_left")] > 0.5
    assert calibration_error(lost, risk) < 0.02
    assert calibration_error(lost[left], risk[left]) < 0.05
    assert calibration_error(lost[left], believed[left]) > 0.05


def test_without_outcomes_the_beliefs_stand():
    nothing = fit_evidence(np.zeros(0), np.zeros((0, len(CODES))), np.zeros(0, dtype=bool))
    assert nothing.weights == PRIORS
    assert nothing.offset == 0.0


def test_a_handful_of_outcomes_moves_a_belief_only_a_little():
    strength = np.zeros((5, len(CODES)))
    strength[:, CODES.index("stakeholder_left")] = 1.0
    moved = fit_evidence(np.full(5, -2.0), strength, np.zeros(5, dtype=bool))
    assert 0.9 < moved.weights["stakeholder_left"] < PRIORS["stakeholder_left"]
    assert moved.weights["severe_complaint_open"] == pytest.approx(1.2)


def test_no_weight_takes_the_direction_against_sense():
    strength = np.zeros((4000, len(CODES)))
    strength[:2000, CODES.index("repeated_complaints")] = 1.0
    lost = np.arange(4000) >= 3000  # those who complain stay
    assert fit_evidence(np.full(4000, -1.0), strength, lost).weights["repeated_complaints"] == 0.0


def test_no_family_adds_more_than_its_cap_under_learned_weights():
    strength = np.full((1, len(CODES)), 5.0)
    assert log_odds(strength, dict.fromkeys(CODES, 0.0) | {"kam_changed": 9.0}) == FAMILY_CAP
