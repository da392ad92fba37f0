from dataclasses import replace as changed

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.signals.alerting.alert import Action, Track, dump_track, load_track
from services.signals.alerting.fold import fold_at_once
from services.signals.features.facts import DAY_MICROS
from services.signals.store.alerts import state_of
from tests.support.alerting import ACCOUNT, DUC, Days, finding, kinds, score

HOUR = 3_600_000_000
HIGH, LOW = score(60), score(20)


def opened(days=None):
    days = days or Days()
    days.many(2, HIGH, finding())
    return days


def test_an_alert_opens_at_the_second_daily_evaluation_in_a_row():
    days = Days()
    assert kinds(days.evaluate(HIGH, finding())) == ["pending"]
    (change,) = days.evaluate(HIGH, finding())
    assert (change.kind, change.notify) == ("opened", True)
    assert change.alert.opened_at == days.now


def test_a_single_bad_evaluation_opens_nothing():
    days = Days()
    days.evaluate(HIGH, finding())
    assert kinds(days.evaluate(LOW)) == ["dropped"]
    assert days.track.entries == {}


def test_an_alert_opens_with_owner_playbook_and_due_date():
    alert = opened().told[-1][1].alert
    assert (alert.owner_id, alert.playbook) == ("kam-linh", "slowdown_check")
    sunday = alert.opened_at
    assert alert.due_at == sunday + 3 * DAY_MICROS + 17 * HOUR


def test_without_a_kam_the_default_owner_gets_it():
    alert = opened(Days(changed(ACCOUNT, kam=None))).told[-1][1].alert
    assert alert.owner_id == "unassigned"


def test_a_critical_alert_is_due_within_a_business_day():
    days = Days()
    days.many(2, score(80), finding())
    alert = days.told[-1][1].alert
    sunday = alert.opened_at
    assert alert.due_at == sunday + DAY_MICROS + 17 * HOUR


def test_a_floor_opens_without_waiting_and_lies_inside_its_band():
    days = Days()
    floored = score(10, band="high", floor="stakeholder_left")
    assert kinds(days.evaluate(floored, finding())) == ["pending", "opened"]


def test_what_opens_at_once_opens_at_its_event_time():
    days = Days()
    time = 20_000 * DAY_MICROS + 5
    (_, change) = days.evaluate(LOW, finding("complaint", at_once=True, time=time))
    assert change.alert.opened_at == change.alert.pending_since == time
    assert change.alert.due_at == 20_000 * DAY_MICROS + 17 * HOUR


def test_opening_between_evaluations_gives_the_alert_that_a_rebuild_gives():
    time = 20_000 * DAY_MICROS + 5
    severe = finding("complaint", at_once=True, time=time)
    rebuilt = Days()
    rebuilt.evaluate(LOW, severe)
    track, changes = fold_at_once(
        Track(), account=ACCOUNT, finding=severe, score=LOW, choose=lambda *_: "slowdown_check"
    )
    live = Days()
    live.track = track
    assert live.evaluate(LOW, severe) == []
    assert changes[-1].alert == rebuilt.told[-1][1].alert


def test_it_stays_open_until_five_points_below_its_cut():
    days = opened()
    assert days.many(30, score(46)) == []
    assert all(entry.phase == "open" for entry in days.track.entries.values())


def test_seven_days_below_the_exit_resolve_it_as_recovered_alone():
    days = opened()
    assert kinds(days.evaluate(score(44))) == ["recovering"]
    assert days.many(6, score(44)) == []
    (change,) = days.evaluate(score(44))
    assert (change.kind, change.alert.outcome) == ("resolved", "recovered_alone")


def test_a_relapse_while_recovering_keeps_the_alert():
    days = opened()
    days.many(5, LOW)
    changes = days.evaluate(HIGH, finding())
    assert changes[-1].alert.recovering_since is None
    assert "opened" not in kinds(changes)


def test_a_relapse_within_14_days_reopens_the_same_alert_without_telling_again():
    days = opened()
    first = days.told[-1][1].alert
    days.many(9, score(44))
    (change,) = days.many(2, score(52), finding())
    assert (change.kind, change.alert.alert_id) == ("opened", first.alert_id)
    assert change.alert.resolved_at is None
    assert not change.notify


def test_a_relapse_later_is_a_new_alert_that_names_the_previous_one():
    days = opened()
    first = days.told[-1][1].alert
    days.many(30, LOW)
    change = days.many(2, HIGH, finding())[-1]
    assert change.alert.alert_id != first.alert_id
    assert change.alert.previous_alert_id == first.alert_id


def test_a_rise_of_15_points_in_7_days_is_treated_as_high_and_of_25_as_critical():
    for rise, band in ((16, "high"), (26, "critical")):
        days = Days()
        days.many(8, score(20))
        days.many(2, score(20 + rise), finding())
        assert days.told[-1][1].alert.band == band


def test_on_watch_without_a_rise_nothing_opens():
    days = Days()
    assert days.many(30, score(40), finding()) == []


def test_a_band_that_flaps_holds_the_higher_one():
    days = Days()
    for _ in range(6):
        days.evaluate(score(51), finding())
        days.evaluate(score(44), finding())
    assert kinds([one for _, one in days.told]).count("opened") == 1
    assert all(entry.phase == "open" for entry in days.track.entries.values())


def test_rescoring_with_the_same_answer_changes_and_tells_nothing():
    days = opened()
    assert days.many(20, HIGH, finding()) == []


def test_a_worse_band_tells_again_within_the_cooldown_and_a_better_one_does_not():
    days = opened()
    (worse,) = days.evaluate(score(80), finding())
    (better,) = days.evaluate(score(60), finding())
    assert (worse.notify, better.notify) == (True, False)


def test_muted_findings_are_recorded_as_suppressed_with_their_reason():
    days = Days()
    days.many(2, HIGH, finding(muted="season"))
    change = days.told[-1][1]
    assert (change.kind, change.alert.suppressed_reason) == ("suppressed", "season")
    assert not change.notify


def test_when_the_mute_ends_and_the_condition_holds_the_alert_opens():
    days = Days()
    days.many(5, HIGH, finding(muted="no_data"))
    (change,) = days.evaluate(HIGH, finding())
    assert (change.kind, change.alert.suppressed_reason, change.notify) == ("opened", None, True)


def test_a_score_that_cannot_tell_neither_resolves_nor_raises():
    days = opened()
    assert days.many(20, score(None, state="insufficient_data")) == []


BLIND = score(None, state="no_data", cuts=None)
MUTED = finding(muted="no_data", standing=True)


def test_a_feed_that_falls_silent_mutes_an_open_alert_which_does_not_expire_by_it():
    days = opened()
    assert kinds(days.many(60, BLIND, MUTED)) == ["suppressed"]
    alert = days.told[-1][1].alert
    assert alert.suppressed_reason == "no_data"
    assert days.many(2, BLIND, MUTED) == []


def test_it_is_back_with_the_data_also_where_the_risk_only_holds_it():
    for points in (60, 46):
        days = opened()
        days.many(60, BLIND, MUTED)
        (change,) = days.evaluate(score(points), finding())
        assert (change.kind, change.alert.suppressed_reason) == ("unsuppressed", None)
        assert change.alert.expires_at == days.now + 45 * DAY_MICROS
        assert kinds(days.many(60, score(points), finding()))[0] != "suppressed"


def test_one_that_was_never_open_needs_the_risk_to_reach_the_cut():
    days = Days()
    days.many(3, HIGH, finding(muted="no_data"))
    assert days.many(3, score(46), finding()) == []
    assert kinds(days.evaluate(HIGH, finding())) == ["opened"]


def test_what_is_explained_by_then_stays_muted_for_that():
    days = opened()
    days.many(5, BLIND, MUTED)
    (change,) = days.evaluate(score(46), finding(muted="season"))
    assert (change.kind, change.alert.suppressed_reason) == ("suppressed", "season")


def test_without_data_an_alert_that_somebody_works_on_stays_open():
    days = opened()
    alert = days.told[-1][1].alert
    act = Action(alert.alert_id, "acknowledge", days.now)
    assert days.evaluate(BLIND, MUTED, actions=(act,)) == []


def test_an_account_that_becomes_lost_keeps_its_alert():
    days = opened()
    days.many(20, score(20, lost=True, list=None))
    assert [entry.phase for entry in days.track.entries.values()] == ["open"]


LOST = score(90, lost=True, list=None)


def test_what_mutes_a_lost_accounts_alert_ends_as_it_does_for_others():
    days = Days()
    days.many(5, HIGH, finding(muted="season"))
    assert days.many(5, LOST, finding(muted="season", standing=True)) == []
    (change,) = days.evaluate(LOST, finding(standing=True))
    assert (change.kind, change.alert.suppressed_reason) == ("opened", None)


def test_a_lost_account_begins_no_alert_and_takes_none_up_again():
    days = Days()
    assert days.many(5, LOST, finding(standing=True)) == []
    days = opened()
    changes = days.many(60, LOST, finding(standing=True))
    assert kinds(changes) == ["expired"]


def test_unattended_for_45_days_it_expires_and_a_next_one_takes_over():
    days = opened()
    first = days.told[-1][1].alert
    changes = days.many(48, HIGH, finding())
    assert kinds(changes) == ["expired", "pending", "opened"]
    assert changes[-1].alert.previous_alert_id == first.alert_id


def test_the_next_alert_after_an_expired_one_opens_without_a_gap():
    days = opened()
    for _ in range(60):
        days.evaluate(HIGH, finding())
        assert [entry.phase for entry in days.track.entries.values()] == ["open"]


def test_an_acknowledged_alert_does_not_expire():
    days = opened()
    alert = days.told[-1][1].alert
    days.evaluate(HIGH, finding(), actions=(Action(alert.alert_id, "acknowledge", days.now),))
    assert days.many(60, HIGH, finding()) == []


def test_what_is_done_after_its_expiry_does_not_keep_an_alert_from_expiring():
    days = opened()
    alert = days.told[-1][1].alert
    late = Action(alert.alert_id, "work", alert.expires_at)
    changes = [one for _ in range(48) for one in days.evaluate(HIGH, finding(), actions=(late,))]
    assert kinds(changes) == ["expired", "pending", "opened"]


def test_a_persons_resolve_ends_it_and_blocks_the_key_for_14_days():
    days = opened()
    alert = days.told[-1][1].alert
    act = Action(alert.alert_id, "resolve", days.now, outcome="false_alarm")
    assert kinds(days.evaluate(HIGH, finding(), actions=(act,))) == ["closed"]
    assert days.many(12, HIGH, finding()) == []
    change = days.many(3, HIGH, finding())[-1]
    assert (change.kind, change.alert.previous_alert_id) == ("opened", alert.alert_id)


def test_acts_seen_twice_change_nothing_more():
    days = opened()
    act = Action(days.told[-1][1].alert.alert_id, "resolve", days.now)
    days.evaluate(HIGH, finding(), actions=(act,))
    assert days.evaluate(HIGH, finding(), actions=(act,)) == []


def test_a_new_kam_takes_the_open_alert_silently_and_closed_ones_keep_theirs():
    days = opened()
    version = days.told[-1][1].alert.machine_version
    days.account = changed(ACCOUNT, kam=DUC)
    (change,) = days.evaluate(HIGH, finding())
    assert (change.kind, change.notify, change.alert.owner_id) == (
        "owner_changed",
        False,
        "kam-duc",
    )
    assert change.alert.machine_version == version + 1
    days.many(9, LOW)
    days.account = ACCOUNT
    assert "owner_changed" not in kinds(days.evaluate(LOW))


def test_a_risk_of_zero_is_a_score_and_not_missing():
    days = opened()
    days.evaluate(score(0.0))
    assert days.track.risks[-1] == 0.0
    assert load_track(dump_track(days.track)).risks[-1] == 0.0


points = st.lists(st.none() | st.integers(0, 100), min_size=5, max_size=60)


@given(points, st.data())
def test_the_fold_does_not_depend_on_how_the_days_are_cut(risks, data):
    straight, cut = Days(), Days()
    for risk in risks:
        found = (finding(),) if risk is not None and risk >= 30 else ()
        straight.evaluate(score(risk), *found)
        if data.draw(st.booleans()):
            text = msgspec.json.encode(dump_track(cut.track))
            cut.track = load_track(msgspec.json.decode(text))
        cut.evaluate(score(risk), *found)
    assert straight.told == cut.told
    assert straight.track == cut.track


@given(points)
def test_the_fold_leaves_its_input_as_it_was(risks):
    days = Days()
    for risk in risks:
        before = dump_track(days.track)
        kept = days.track
        days.evaluate(score(risk), *((finding(),) if risk is not None else ()))
        assert dump_track(kept) == before


@given(points)
def test_every_open_alert_has_owner_playbook_due_date_and_one_key(risks):
    days = Days()
    for risk in risks:
        days.evaluate(score(risk), *((finding(),) if risk is not None else ()))
    for _, change in days.told:
        if change.kind == "opened":
            assert change.alert.owner_id
            assert change.alert.playbook
            assert change.alert.due_at > change.alert.opened_at - 1
    assert len(days.track.entries) <= 1


def test_an_act_on_another_alert_is_nobodys_here():
    days = opened()
    assert days.evaluate(HIGH, finding(), actions=(Action("other", "resolve", days.now),)) == []


def test_a_merge_ends_what_is_open_at_its_time_and_drops_what_is_pending():
    days = opened()
    days.evaluate(HIGH, finding(), finding("volume_erosion"))
    merged_at = days.now + 5 * HOUR
    days.account = changed(ACCOUNT, merged_at=merged_at)
    changes = days.evaluate(LOW)
    assert sorted(kinds(changes)) == ["dropped", "resolved"]
    (alert,) = [one.alert for one in changes if one.kind == "resolved"]
    assert (alert.resolved_at, alert.owner_id) == (merged_at, "kam-linh")
    assert (alert.outcome, alert.suppressed_reason) == ("explained_change", "merged")
    assert days.evaluate(LOW) == []


def test_a_merge_that_is_told_late_ends_an_alert_when_it_is_told():
    days = opened()
    days.account = changed(ACCOUNT, merged_at=days.now - 5 * HOUR)
    (change,) = days.evaluate(LOW)
    assert change.alert.resolved_at == days.now


def test_one_that_nobody_attends_expires_though_it_is_recovering_and_is_not_resolved_later():
    days = opened()
    days.many(42, HIGH, finding())
    changes = days.many(20, LOW)
    assert kinds(changes) == ["recovering", "expired"]
    told = msgspec.structs.asdict(changes[-1].alert)
    assert state_of(told, (), days.now) == "expired"


def test_nor_does_news_of_its_end_resolve_it():
    days, ticket = Days(), finding("complaint", at_once=True, time=20_000 * DAY_MICROS + 5)
    days.many(45, LOW, ticket)
    solved = changed(ticket, over=True, until=days.now - 20 * DAY_MICROS)
    (change,) = days.evaluate(LOW, over=(solved,))
    assert change.kind == "expired"
