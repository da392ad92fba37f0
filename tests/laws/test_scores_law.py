"""What holds of every score, whatever the facts."""

from dataclasses import fields, replace

import numpy as np
import pytest

from services.signals.features.dropout import DropoutParams
from services.signals.features.facts import DAY_MICROS, Feed
from services.signals.hazard.model import default_model
from services.signals.scoring import evaluate
from services.signals.scoring.block import BlockEvaluator
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.population import PopulationFit
from shared.domain.sentences import knows
from tests.support.facts import booking_row, facts_of, told

TODAY = 20_020
ACCOUNTS = 30


def random_rows(seed=3):
    rng = np.random.default_rng(seed)
    rows = []
    for account in range(ACCOUNTS):
        days = TODAY - 20 - rng.integers(0, 600, size=int(rng.integers(0, 60)))
        for day in {int(day) for day in days}:
            teu = int(rng.integers(0, 5)) * 1000
            rows.append(booking_row(account, day, teu=teu, revenue=teu * 10, weight=5))
            if rng.random() < 0.2:
                effect = day + int(rng.integers(0, 60))
                rows.append(booking_row(account, day, effect=effect, demand=-1, business=-1))
            if rng.random() < 0.3:
                late = int(rng.random() < 0.5)
                rows.append(booking_row(account, day, demand=0, business=0, delivered=1, late=late))
    return rows


def random_evidence(seed=4):
    rng = np.random.default_rng(seed)
    found = []
    for account in range(0, ACCOUNTS, 2):
        for number in range(4):
            day = TODAY - float(rng.uniform(0, 200))
            severity = int(rng.integers(1, 5))
            found.append(
                told(account, "complaint", f"/t{number}", day, phase="opened", severity=severity)
            )
            if rng.random() < 0.5:
                found.append(told(account, "complaint", f"/t{number}", day + 9, phase="solved"))
        found.append(told(account, "contact_change", "p", day, change="left", influence="champion"))
    return found


def everything(*, rows=None, evidence=None):
    return facts_of(
        [f"A{number}" for number in range(ACCOUNTS)],
        random_rows() if rows is None else rows,
        evidence=random_evidence() if evidence is None else evidence,
    )


def evaluator(facts):
    return Evaluator(facts, default_model(), clock="event")


def test_blocks_of_accounts_change_no_score_and_no_reason(monkeypatch):
    facts = everything()
    params = DropoutParams(1.1, 2.0, 0.5, 6.0)

    def told_of_all(block):
        monkeypatch.setattr(evaluate, "BLOCK_ACCOUNTS", block)
        judge = evaluator(facts)
        before = judge.scores(TODAY - 40)
        judge.use(PopulationFit(0, params, 0.25))
        scores = judge.scores(TODAY)
        order = np.random.default_rng(0).permutation(ACCOUNTS).tolist()
        reasons = {index: judge.explain(TODAY, scores, index) for index in order}
        return [*fields_of(before), *fields_of(scores)], reasons

    whole, reasons = told_of_all(1000)
    for block, kept_rows in ((1, 0), (7, 10_000), (ACCOUNTS, 0), (7, facts.day.size // 2)):
        monkeypatch.setattr(evaluate, "KEPT_ROWS", kept_rows)
        parts, others = told_of_all(block)
        for expected, found in zip(whole, parts, strict=True):
            np.testing.assert_array_equal(np.array(found), np.array(expected))
        assert others == reasons


def test_another_day_prepares_no_block_anew_that_there_was_room_for(monkeypatch):
    facts, made = everything(), []

    def noted(part, model, **options):
        made.append(part.account_ids[0])
        return BlockEvaluator(part, model, **options)

    monkeypatch.setattr(evaluate, "BLOCK_ACCOUNTS", 7)
    monkeypatch.setattr(evaluate, "BlockEvaluator", noted)
    judge = evaluator(facts)
    for day in (TODAY - 2, TODAY - 1, TODAY):
        judge.scores(day)
    assert len(made) == -(-ACCOUNTS // 7)
    monkeypatch.setattr(evaluate, "KEPT_ROWS", 0)
    made.clear()
    judge = evaluator(facts)
    judge.scores(TODAY - 1)
    judge.scores(TODAY)
    assert len(made) == 2 * -(-ACCOUNTS // 7)


def fields_of(scores):
    return [[repr(one) for one in np.atleast_1d(np.array(getattr(scores, f.name), dtype=object))]
            for f in fields(scores)]  # fmt: skip


def same(one, other):
    np.testing.assert_array_equal(one.curve, other.curve)
    assert (one.state, one.band, one.list) == (other.state, other.band, other.list)
    assert [floor and floor.code for floor in one.floor] == [
        floor and floor.code for floor in other.floor
    ]
    np.testing.assert_array_equal(one.early_warning_months, other.early_warning_months)


def test_nothing_at_or_after_the_day_changes_a_score():
    later = [
        booking_row(account, TODAY + ahead, demand=3, late=2, rolled=9, teu=10**9)
        for account in range(ACCOUNTS)
        for ahead in (0, 1, 40)
    ]
    later += [booking_row(0, TODAY - 30, effect=TODAY, demand=-99)]
    news = [
        told(account, "complaint", "/new", TODAY, phase="opened", severity=1)
        for account in range(ACCOUNTS)
    ]
    before = evaluator(everything()).scores(TODAY)
    after = evaluator(
        everything(rows=random_rows() + later, evidence=random_evidence() + news)
    ).scores(TODAY)
    same(before, after)


def test_the_order_of_the_rows_changes_nothing():
    rows, evidence = random_rows(), random_evidence()
    facts = everything(rows=rows, evidence=evidence)
    order = np.random.default_rng(0).permutation(facts.day.size)
    shuffled = replace(
        facts,
        account=facts.account[order],
        series_id=facts.series_id[order],
        day=facts.day[order],
        effect_day=facts.effect_day[order],
        sums={name: values[order] for name, values in facts.sums.items()},
        event_ids=facts.event_ids[order],
        service_events=facts.service_events[order],
        evidence=tuple(reversed(facts.evidence)),
    )
    same(evaluator(facts).scores(TODAY), evaluator(shuffled).scores(TODAY))


def test_moving_all_of_time_moves_no_score():
    shift = 7 * 137
    rows = [(a, day + shift, effect + shift, s, sums) for a, day, effect, s, sums in random_rows()]
    evidence = [replace(fact, time=fact.time + shift * DAY_MICROS) for fact in random_evidence()]
    one = evaluator(everything()).scores(TODAY)
    other = evaluator(everything(rows=rows, evidence=evidence)).scores(TODAY + shift)
    np.testing.assert_allclose(one.curve, other.curve, rtol=0, atol=1e-12)
    assert one.band == other.band


@pytest.mark.parametrize("day", [TODAY - 500, TODAY - 90, TODAY, TODAY + 400])
def test_the_curve_never_falls_and_begins_with_the_risk(day):
    scores = evaluator(everything()).scores(day)
    known = ~np.isnan(scores.risk)
    assert (np.diff(scores.curve[known], axis=1) >= 0).all()
    assert (scores.curve[:, 0][known] == scores.risk[known]).all()
    assert ((scores.curve[known] >= 0.001) & (scores.curve[known] <= 0.999)).all()


@pytest.mark.parametrize("day", [TODAY - 90, TODAY, TODAY + 400])
def test_base_and_reasons_sum_to_the_log_odds(day):
    judge = evaluator(everything())
    scores = judge.scores(day)
    for index in np.flatnonzero(~np.isnan(scores.risk)):
        told_why = judge.explain(day, scores, int(index))
        logit = np.log(scores.risk[index]) - np.log1p(-scores.risk[index])
        total = told_why.base + sum(reason.contribution for reason in told_why.reasons)
        assert abs(total - logit) < 1e-9
        sizes = [abs(reason.contribution) for reason in told_why.reasons]
        assert sizes == sorted(sizes, reverse=True)
        assert all(reason.text and "_" not in reason.text for reason in told_why.reasons)


def test_days_in_any_order_give_the_same_scores():
    judge = evaluator(everything())
    forth = [judge.scores(day) for day in range(TODAY - 40, TODAY, 7)]
    back = [judge.scores(day) for day in reversed(range(TODAY - 40, TODAY, 7))]
    for one, other in zip(forth, reversed(back), strict=True):
        same(one, other)


def test_an_account_is_scored_alike_alone_and_among_others():
    together = evaluator(everything()).scores(TODAY)
    for index in range(0, ACCOUNTS, 5):
        rows = [(0, *row[1:]) for row in random_rows() if row[0] == index]
        evidence = [replace(one, account=0) for one in random_evidence() if one.account == index]
        alone = evaluator(facts_of(["A"], rows, evidence=evidence)).scores(TODAY)
        np.testing.assert_allclose(alone.curve[0], together.curve[index], rtol=0, atol=1e-12)
        assert alone.band[0] == together.band[index]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_than_three_booking_days_are_no_score_and_hurt_nobody(count):
    few = [booking_row(0, TODAY - 10 - at) for at in range(count)]
    others = [booking_row(1, TODAY - 7 * at - 1) for at in range(20)]
    scores = evaluator(facts_of(["few", "many"], few + others)).scores(TODAY)
    assert scores.state == ("insufficient_data", "scored")
    assert np.isnan(scores.risk[0])
    assert np.isnan(scores.curve[0]).all()
    assert np.isfinite(scores.curve[1]).all()
    assert scores.band == (None, "healthy")
    assert scores.early_warning_months[0] == 0


def test_huge_amounts_stay_finite():
    rows = [
        booking_row(0, TODAY - 7 * at - 1, demand=10**6, teu=10**15, revenue=9 * 10**15)
        for at in range(20)
    ]
    scores = evaluator(facts_of(["A"], rows)).scores(TODAY)
    assert np.isfinite(scores.curve).all()


def test_nobody_is_scored_without_a_crash():
    scores = evaluator(facts_of([], [])).scores(TODAY)
    assert scores.curve.shape == (0, 12)


def test_a_feed_of_imports_is_never_silent():
    feed = Feed("/file", "booking", np.zeros(0, dtype=np.int64), 50, imported=True)
    rows = [booking_row(0, TODAY - 100 - 7 * at) for at in range(20)]
    scores = evaluator(facts_of(["A"], rows, feeds=[feed])).scores(TODAY)
    assert scores.state == ("lost",)
    assert scores.coverage[0] == 1.0


def test_every_reason_can_be_said_in_every_language():
    judge = evaluator(everything())
    for day in (TODAY - 200, TODAY - 90, TODAY, TODAY + 300):
        scores = judge.scores(day)
        for index in np.flatnonzero(~np.isnan(scores.risk)):
            for reason in judge.explain(day, scores, int(index)).reasons:
                assert knows(reason.text), reason.text
