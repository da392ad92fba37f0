"""What is said of a standing alert's risk while too few inputs speak to tell it."""

import numpy as np
import pytest

from services.signals.alerting.account import AccountViews
from services.signals.alerting.alert import Track
from services.signals.alerting.detect import Detectors
from services.signals.features.facts import Feed, Series
from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.population import PopulationFit
from services.signals.worker.daily import DailyEvaluation, Past
from services.signals.worker.told import Told
from tests.support.facts import booking_row, facts_of

DAY = 20_600
OLD, NEW = (Series("sea", "FCL", "VNHPH", "DEHAM", source, "USD") for source in ("/old", "/new"))


def feed(source, kind, last=DAY):
    return Feed(source, kind, np.arange((DAY - 400) * 24, last * 24, 8), 5, False)


def told_of(*feeds, standing=(0,), count=60):
    """Return what is found of a slowing account of /old, which is silent; then its state."""
    rows = [booking_row(0, DAY - 20 - 7 * back, series=0) for back in range(count)]
    rows += [booking_row(1, DAY - 1 - 7 * back, series=1) for back in range(60)]
    facts = facts_of(["A", "B"], rows, series={0: OLD, 1: NEW}, feeds=feeds)
    scores = Evaluator(facts, default_model(), clock="wall").scores(DAY)
    found = Detectors(facts, None).findings(DAY, scores, standing)
    return [one for one in found if one.type == "churn_risk" and not one.account], scores.state[0]


SILENT, BESIDE = feed("/old", "booking", DAY - 18), feed("/new", "booking")


@pytest.mark.parametrize("kinds", [[], ["complaint"]], ids=["one kind", "two kinds"])
def test_a_silent_feed_mutes_though_it_leaves_too_few_inputs_for_a_score(kinds):
    (found,), state = told_of(SILENT, BESIDE, *(feed("/crm", kind) for kind in kinds))
    assert (state, found.muted, found.standing) == ("no_data", "no_data", True)


def test_so_do_too_few_inputs_though_the_bookings_come():
    silent = [feed("/crm", kind, DAY - 60) for kind in ("complaint", "contact_change")]
    (found,), state = told_of(feed("/old", "booking"), BESIDE, *silent)
    assert (state, found.muted, found.standing) == (
        "insufficient_data",
        "insufficient_data",
        True,
    )


def test_where_no_alert_stands_there_is_nothing_to_mute():
    assert told_of(SILENT, BESIDE, standing=())[0] == []


def test_too_few_booking_days_mute_nothing():
    found, state = told_of(feed("/old", "booking"), BESIDE, count=2)
    assert (found, state) == ([], "insufficient_data")


def story_of(*parts):
    """Evaluate these ranges of days one after the other; return what was told of account A.

    It stops booking 85 days ago, and its feed speaks neither 30 nor 10 days ago nor in between.
    """
    rows = [booking_row(0, DAY - 85 - 7 * back, series=0) for back in range(60)]
    rows += [booking_row(1, DAY - 1 - 7 * back, series=1) for back in range(70)]
    spoken = np.arange((DAY - 400) * 24, DAY * 24, 8)
    gone = (spoken >= (DAY - 30) * 24) & (spoken < (DAY - 10) * 24)
    feeds = [Feed("/old", "booking", spoken[~gone], 5, False), BESIDE]
    facts = facts_of(["A", "B"], rows, series={0: OLD, 1: NEW}, feeds=feeds)
    past, told = Past([Track()] * 2, Told([None] * 2), {}, [0, 0]), []
    for days in parts:
        evaluation = DailyEvaluation(
            facts,
            Evaluator(facts, default_model(), clock="event"),
            past,
            fit_on=lambda day: PopulationFit(day, None, 0.0),
            market_on=None,
            views=AccountViews(facts),
            choose=lambda *_: "slowdown_check",
            budget=False,
        )
        for day in days:
            evaluation.evaluate(day)
        told += [(day, one) for day, index, one in evaluation.story.changes if index == 0]
    return [(day, one) for day, one in told if one.alert.type == "churn_risk"]


def test_an_outage_of_days_mutes_the_alert_until_it_is_over():
    told = story_of(range(DAY - 85, DAY + 1))
    (muted,) = [day for day, one in told if one.kind == "suppressed"]
    ((back, open_again),) = [one for one in told if one[0] > muted]
    assert {one.alert.suppressed_reason for day, one in told if day == muted} == {"no_data"}
    assert (open_again.alert.suppressed_reason, open_again.alert.resolved_at) == (None, None)
    assert DAY - 30 < muted < DAY - 20
    assert DAY - 10 < back <= DAY - 8


def test_the_same_days_in_parts_tell_the_same():
    parts = [range(DAY - 85, DAY - 22), range(DAY - 22, DAY - 15), range(DAY - 15, DAY + 1)]
    assert story_of(*parts) == story_of(range(DAY - 85, DAY + 1))
