"""A condition that begins anew after a person resolved its alert, and one that went on."""

from services.signals.alerting.alert import Action, Track
from services.signals.alerting.elsewhere import Closing
from services.signals.alerting.fold import alert_key, fold_at_once, fold_day
from services.signals.features.facts import DAY_MICROS, EventRef
from tests.support.alerting import ACCOUNT, Days, finding, kinds, score

START = 20_000
WELL = score(10)


def ticket(day, event="opened"):
    """Return the finding of a severe ticket since a day; fractions are hours."""
    return finding(
        "complaint",
        scope_key="ticket:T1",
        at_once=True,
        time=at(day),
        events=(EventRef("/crm", event),),
    )


def at(day):
    return round((START + day) * DAY_MICROS)


def resolved_on(day):
    """Return an account whose ticket of its first day somebody resolved, and their act."""
    days = Days(start=START)
    (_, opened) = days.evaluate(WELL, ticket(0.4))
    act = Action(opened.alert.alert_id, "resolve", at(day), outcome="recovered_by_action")
    assert kinds(days.evaluate(WELL, ticket(0.4), actions=(act,))) == ["closed"]
    return days, act


def at_once(track, found, *actions):
    return fold_at_once(
        track,
        account=ACCOUNT,
        finding=found,
        score=WELL,
        choose=lambda *_: "slowdown_check",
        actions=actions,
    )


def test_what_begins_anew_opens_at_once_and_is_told_by_the_cooldown_of_notifications():
    days, act = resolved_on(1.6)
    first = days.told[-1][1].alert
    (_, change) = days.evaluate(WELL, ticket(2.5, "reopened"), actions=(act,))
    assert (change.kind, change.notify) == ("opened", False)
    assert change.alert.opened_at == at(2.5)
    assert change.alert.previous_alert_id == first.alert_id


def test_between_two_evaluations_it_opens_as_the_next_one_would_open_it():
    days, act = resolved_on(1.6)
    again = ticket(2.5, "reopened")
    track, changes = at_once(days.track, again, act)
    days.evaluate(WELL, again, actions=(act,))
    assert changes[-1].alert == days.told[-1][1].alert
    days.track = track
    assert days.evaluate(WELL, again, actions=(act,)) == []


def test_what_a_person_resolved_opens_no_more_at_once_though_its_event_came_from_a_clock_ahead():
    track, changes = at_once(Track(), ticket(0.4))
    act = Action(changes[-1].alert.alert_id, "resolve", at(0.4) - 60_000_000)
    days = Days(start=START)
    days.track = track
    assert kinds(days.evaluate(WELL, ticket(0.4), actions=(act,))) == ["closed"]
    assert days.evaluate(WELL, ticket(0.4), actions=(act,)) == []


def test_what_goes_on_for_14_days_after_a_persons_act_begins_when_they_are_over():
    days, act = resolved_on(1.6)
    days.many(13, WELL, ticket(0.4))
    assert days.told[-1][1].kind == "closed"
    (_, opened) = days.evaluate(WELL, ticket(0.4))
    assert opened.alert.opened_at == days.now
    assert opened.alert.due_at > days.now
    assert opened.alert.expires_at == days.now + 45 * DAY_MICROS
    assert opened.alert.alert_id != act.alert_id


def test_so_does_what_was_reopened_before_the_act():
    days, _ = resolved_on(1.6)
    days.many(13, WELL, ticket(1.5, "reopened"))
    (_, opened) = days.evaluate(WELL, ticket(1.5, "reopened"))
    assert opened.alert.opened_at == days.now


def test_so_does_what_was_resolved_at_an_account_that_goes_into_this_one():
    found = ticket(0.4)
    closing = Closing(alert_key(found), at(1.6), frozenset(found.events))
    track, told = Track(), []
    for day in range(START + 2, START + 18):
        track, changes = fold_day(
            track,
            account=ACCOUNT,
            day=day,
            score=WELL,
            findings=[found],
            choose=lambda *_: "slowdown_check",
            elsewhere=[closing],
        )
        told += [(day, one) for one in changes]
    (_, (day, opened)) = told
    assert (day, opened.alert.opened_at) == (START + 16, at(16))
