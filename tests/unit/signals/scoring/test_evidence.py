import numpy as np
import pytest

from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.evidence import FAMILY_CAP, TOTAL_CAP, WEIGHTS, capped, entry
from services.signals.scoring.population import PopulationFit
from tests.support.facts import booking_row, facts_of, told, weekly

DAY = 20_000


def reasons(evidence=(), rows=(), day=DAY):
    """Return code -> reason of an account with steady weekly bookings."""
    steady = weekly(0, last=day - 3, count=60)
    facts = facts_of(["A"], [*steady, *rows], evidence=list(evidence))
    judge = Evaluator(facts, default_model(), clock="wall")
    scores = judge.scores(day)
    return scores, {one.code: one for one in judge.explain(day, scores, 0).reasons}


def complaint(ref, age, **data):
    return told(0, "complaint", ref, DAY - age, **data)


def contact(ref, age, **data):
    return told(0, "contact_change", ref, DAY - age, **data)


def test_an_open_severe_complaint_counts_in_full_only_beyond_its_sla_and_does_not_decay():
    young, _ = reasons([complaint("T", 2, phase="opened", severity=1)])
    assert young.floor == (None,)
    scores, found = reasons([complaint("T", 40, phase="opened", severity=1)])
    assert found["severe_complaint_open"].contribution == pytest.approx(1.2)
    assert "40 days" in found["severe_complaint_open"].text
    assert scores.floor[0].code == "severe_complaint"
    assert scores.band == ("high",)
    assert found["severe_complaint_open"].events


def test_the_accounts_own_sla_counts():
    sla = told(0, "account", "", DAY - 100, sla={"closure_hours": 24})
    _, found = reasons([sla, complaint("T", 2, phase="opened", severity=1)])
    assert "severe_complaint_open" in found


def test_after_the_solution_evidence_halves_with_its_half_life():
    story = [complaint("T", 60, phase="opened", severity=1), complaint("T", 45, phase="solved")]
    scores, found = reasons(story)
    assert found["severe_complaint_open"].contribution == pytest.approx(0.6)
    assert scores.floor == (None,)


def test_three_complaints_in_90_days_are_repeated_and_more_so_about_the_same_thing():
    mixed = [
        complaint(f"T{age}", age, phase="opened", severity=4, category=category)
        for age, category in ((60, "late"), (30, "damage"), (0.5, "loss"))
    ]
    alike = [
        complaint(f"T{age}", age, phase="opened", severity=4, category="late")
        for age in (60, 30, 0.5)
    ]
    _, one = reasons(mixed)
    _, other = reasons(alike)
    assert one["repeated_complaints"].contribution == pytest.approx(1.2, abs=0.02)
    assert other["repeated_complaints"].contribution == pytest.approx(1.8, abs=0.02)
    _, requests = reasons(
        [complaint(f"T{age}", age, phase="opened", kind="request") for age in (60, 30, 1)]
    )
    assert "repeated_complaints" not in requests


def test_a_champion_who_left_lifts_risk_and_band_until_the_account_is_over_it():
    joined = contact("p", 400, change="joined", influence="champion")
    other = contact("r", 400, change="joined")
    scores, found = reasons([joined, other, contact("p", 10, change="left")])
    quiet, _ = reasons([joined, other])
    assert found["stakeholder_left"].contribution == pytest.approx(1.2 * 2 ** (-10 / 120))
    assert scores.risk[0] > quiet.risk[0]
    assert (scores.floor[0].code, scores.band[0]) == ("stakeholder_left", "high")
    late, _ = reasons([joined, contact("p", 61, change="left")])
    assert late.floor == (None,)
    named = contact("p", 25, change="left", successor_ref="q")
    over_it, evidence = reasons([joined, named])
    assert over_it.floor == (None,)
    assert "stakeholder_left" not in evidence
    fresh, _ = reasons([joined, contact("p", 5, change="left", successor_ref="q")])
    assert fresh.floor[0].code == "stakeholder_left"


def test_the_only_known_contact_gone_is_evidence_but_an_unknown_one_is_none():
    _, found = reasons([contact("p", 99, change="joined"), contact("p", 9, change="left")])
    assert "only_contact_left" in found
    _, unknown = reasons([contact("p", 9, change="left")])
    assert "only_contact_left" not in unknown


def test_a_new_head_of_procurement_is_evidence_and_the_first_known_one_is_none():
    old = contact("p", 300, change="joined", function="operations")
    head = contact("q", 1, change="joined", function="procurement", influence="decides")
    assert "new_head_of_buying" in reasons([old, head])[1]
    assert "new_head_of_buying" not in reasons([head])[1]


def test_rolled_and_rejected_bookings_decay_from_the_last_burst():
    rows = [booking_row(0, DAY - 50 - at, demand=0, business=0, rolled=1) for at in range(3)]
    rows += [booking_row(0, DAY - 6, demand=0, business=0, rejected=2)]
    _, found = reasons(rows=rows)
    assert found["bookings_rolled"].contribution == pytest.approx(0.6 * 2 ** (-49 / 45))
    assert found["bookings_rejected"].contribution == pytest.approx(0.6 * 2 ** (-5 / 45))


def test_the_reasons_of_the_service_record_name_the_events_behind_them():
    rows = [booking_row(0, DAY - 50 - at, demand=0, business=0, rolled=1) for at in range(3)]
    rows += [booking_row(0, DAY - 6, business=0, rejected=2)]
    rows += [booking_row(0, DAY - 9 - at, demand=0, business=0, cancelled=1) for at in range(4)]
    late = range(12, 72, 5)
    rows += [booking_row(0, DAY - at, demand=0, business=0, delivered=1, late=1) for at in late]
    _, found = reasons(rows=rows)

    def named(code):
        return [one.id for one in found[code].events]

    assert named("bookings_rolled") == [f"s0-{DAY - 50 - at}" for at in (2, 1, 0)]
    assert named("bookings_rejected") == [f"s0-{DAY - 6}"]
    assert named("cancellations_up") == [f"s0-{DAY - 9 - at}" for at in (3, 2, 1, 0)]
    in_two_months = sorted(at for at in late if at <= 62)
    assert named("late_deliveries") == sorted(f"s0-{DAY - at}" for at in in_two_months[:10])


def test_late_deliveries_count_after_two_months_under_the_agreed_share():
    def delivered(late_back):
        return [
            booking_row(0, DAY - 5 - 5 * at, demand=0, business=0, delivered=1, late=late)
            for at in range(12)
            for late in [int(at % 3 == 0 and 5 * at < late_back)]
        ]

    assert "late_deliveries" in reasons(rows=delivered(60))[1]
    assert "late_deliveries" not in reasons(rows=delivered(25))[1]
    lenient = told(0, "account", "", DAY - 100, sla={"otd": 0.5})
    assert "late_deliveries" not in reasons([lenient], delivered(60))[1]


def test_cancellations_count_when_their_share_doubles():
    rows = [booking_row(0, DAY - 9 - at, demand=0, business=0, cancelled=1) for at in range(4)]
    assert "cancellations_up" in reasons(rows=rows)[1]


def test_a_change_of_our_own_manager_counts_lightly():
    first = told(0, "account", "", DAY - 200, kam={"id": "k1"})
    second = told(0, "account", "", DAY - 1, kam={"id": "k2"})
    assert reasons([first, second])[1]["kam_changed"].contribution == pytest.approx(0.25, abs=0.01)
    assert "kam_changed" not in reasons([first])[1]


def test_families_and_the_sum_are_capped_in_proportion():
    many = [entry(code, "", ()) for code in WEIGHTS] * 2
    kept = capped(many)
    by_family = {}
    for one in kept:
        family = WEIGHTS[one.code].family
        by_family[family] = by_family.get(family, 0) + one.log_odds
    assert max(by_family.values()) <= FAMILY_CAP + 1e-9
    assert sum(by_family.values()) == pytest.approx(TOTAL_CAP)


def test_evidence_shifts_every_horizon_alike():
    plain, _ = reasons()
    shifted, _ = reasons([complaint("T", 40, phase="opened", severity=1)])

    def logit(p):
        return np.log(p) - np.log1p(-p)

    np.testing.assert_allclose(logit(shifted.curve) - logit(plain.curve), 1.2)


def test_one_contact_for_a_year_is_a_thin_thread_and_two_are_not():
    alone = contact("p", 400, change="joined")
    assert reasons([alone])[1]["single_contact"].contribution == pytest.approx(0.25)
    assert "single_contact" not in reasons([alone, contact("q", 10, change="joined")])[1]
    assert "single_contact" not in reasons([contact("p", 300, change="joined")])[1]


class Learned:
    """The shipped model with other weights than the prior ones, and another level."""

    def __init__(self, offset=0.0, **weights):
        self.manifest = {"evidence": {"weights": weights, "offset": offset}}

    def __getattr__(self, name):
        return getattr(default_model(), name)


def test_learned_weights_replace_the_beliefs_and_those_of_nothing_give_no_reason():
    facts = facts_of(
        ["A"],
        weekly(0, last=DAY - 3, count=60),
        evidence=[
            contact("p", 400, change="joined"),
            complaint("T", 40, phase="opened", severity=1),
        ],
    )
    judge = Evaluator(facts, Learned(single_contact=0.0, severe_complaint_open=0.7), clock="wall")
    found = {one.code: one for one in judge.explain(DAY, judge.scores(DAY), 0).reasons}
    assert found["severe_complaint_open"].contribution == pytest.approx(0.7)
    assert "single_contact" not in found


def test_a_market_shift_moves_everybody_alike_and_belongs_to_base():
    facts = facts_of(["A"], weekly(0, last=DAY - 3, count=60))
    calm, shocked = (Evaluator(facts, default_model(), clock="wall") for _ in range(2))
    shocked.use(PopulationFit(0, default_model().dropout, 0.5))
    before, after = calm.scores(DAY), shocked.scores(DAY)
    assert logit(after.risk) - logit(before.risk) == pytest.approx(0.5)
    one, other = calm.explain(DAY, before, 0), shocked.explain(DAY, after, 0)
    assert other.base - one.base == pytest.approx(0.5)
    assert [each.contribution for each in other.reasons] == pytest.approx(
        [each.contribution for each in one.reasons]
    )


def logit(risk):
    return float(np.log(risk[0]) - np.log1p(-risk[0]))
