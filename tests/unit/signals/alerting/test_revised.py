"""What becomes of alerts that were told from a part of the history, once the rest is there."""

import pytest

from services.signals.alerting.life import Moment
from services.signals.alerting.revised import LastWeeks, revise
from services.signals.features.facts import DAY_MICROS
from tests.support.alerting import ACCOUNT, Days, finding, kinds, score

RISK, EROSION = finding("churn_risk"), finding("volume_erosion")
ILL, WELL = score(65.0), score(5.0)


def folded(days, today, *findings):
    """Return an account after so many days alike."""
    account = Days()
    account.many(days, today, *findings)
    return account


def revised(told, whole, *, today=WELL, acted=()):
    """Revise what was told by what the whole history tells; return the entry and the changes."""
    moment = Moment(ACCOUNT, told.now + 9, today, today.band, lambda *_: "slowdown_check")
    since = told.now - 29 * DAY_MICROS
    changes = []
    track = revise(told.track, LastWeeks(whole.track, since, told.now, moment, acted), changes)
    return next(iter(track.entries.values()), None), changes


def test_an_alert_of_which_the_whole_history_tells_nothing_ends_as_a_false_alarm():
    entry, changes = revised(folded(20, ILL, RISK), folded(20, WELL))
    assert kinds(changes) == ["resolved"]
    assert (entry.phase, entry.alert.outcome) == ("resolved", "false_alarm")
    assert entry.alert.resolved_at == entry.alert.updated_at == entry.ended


def test_one_that_nobody_has_seen_yet_goes_without_a_word():
    entry, changes = revised(folded(1, ILL, RISK), folded(1, WELL))
    assert (entry, kinds(changes)) == (None, ["dropped"])


def test_one_that_the_whole_history_explains_is_muted():
    muted = finding("volume_erosion", muted="season")
    entry, changes = revised(folded(20, WELL, EROSION), folded(20, WELL, muted))
    assert kinds(changes) == ["suppressed"]
    assert (entry.phase, entry.alert.suppressed_reason) == ("suppressed", "season")


def test_one_that_had_ended_though_its_condition_goes_on_is_taken_up_again():
    told = folded(10, WELL, EROSION)
    told.many(9, WELL)
    before = next(iter(told.track.entries.values()))
    assert before.phase == "resolved"

    entry, changes = revised(told, folded(19, WELL, EROSION))
    assert kinds(changes) == ["opened"]
    assert (entry.phase, entry.alert.alert_id) == ("open", before.alert.alert_id)
    assert entry.alert.machine_version == before.alert.machine_version + 1
    assert (entry.alert.resolved_at, entry.alert.reopened_at) == (None, entry.alert.updated_at)


@pytest.mark.parametrize(
    ("told", "given"),
    [
        (folded(20, ILL, RISK), {"today": ILL}),  # as where it had risen fast before the weeks
        (folded(20, ILL, RISK), {"today": score(None, state="no_data")}),
        (folded(40, ILL, RISK), {}),  # it opened before the weeks
    ],
    ids=["still ill", "nothing to tell by", "older"],
)
def test_one_of_which_the_weeks_cannot_tell_stays(told, given):
    entry, changes = revised(told, folded(20, WELL), **given)
    assert (entry.phase, changes) == ("open", [])


def test_one_on_which_somebody_acted_stays():
    told = folded(20, ILL, RISK)
    alert = next(iter(told.track.entries.values())).alert
    entry, changes = revised(told, folded(20, WELL), acted={alert.alert_id})
    assert (entry.phase, changes) == ("open", [])


def test_one_that_the_whole_history_tells_too_is_left_as_it_was_told():
    entry, changes = revised(folded(20, ILL, RISK), folded(25, ILL, RISK), today=ILL)
    assert (entry.phase, changes) == ("open", [])


def test_one_that_the_whole_history_tells_of_too_but_as_over_ends_as_it_ended_there():
    told, whole = Days(), Days()
    ticket = finding("complaint", at_once=True, time=told.now + 1)
    told.many(20, WELL, ticket)
    whole.many(3, WELL, ticket)
    whole.many(17, WELL)
    entry, changes = revised(told, whole)
    assert kinds(changes) == ["resolved"]
    assert entry.alert.outcome == "recovered_alone"
