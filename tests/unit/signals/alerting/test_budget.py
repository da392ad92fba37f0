from dataclasses import replace

import msgspec

from services.signals.alerting.alert import Track
from services.signals.alerting.budget import budget_pass, settle, week_of
from tests.support.alerting import ACCOUNT, Days, finding, score

MONDAY = 20_000 - (20_000 + 3) % 7


def open_accounts(count, points=60, start=MONDAY, **of_score):
    tracks = {}
    for at in range(count):
        days = Days(replace(ACCOUNT, account_id=f"ACC-{at:03d}"), start)
        days.many(2, score(points + at / 10, **of_score), finding())
        tracks[days.account.account_id] = days.track
    return tracks, start + 2


def spend(tracks, day, **limit):
    touched = budget_pass(tracks, day, **limit)
    changes = [one for _, told in touched.values() for one in told]
    return {**tracks, **{key: track for key, (track, _) in touched.items()}}, changes


def deferred(tracks):
    return sorted(
        key for key, track in tracks.items() for e in track.entries.values() if e.alert.deferred
    )


def test_a_week_begins_on_monday():
    assert week_of(MONDAY) == week_of(MONDAY + 6) == week_of(MONDAY - 1) + 1


def test_seven_of_ten_new_alerts_pass_and_the_lowest_risks_are_deferred():
    tracks, day = open_accounts(10)
    tracks, changes = spend(tracks, day)
    assert deferred(tracks) == ["ACC-000", "ACC-001", "ACC-002"]
    assert {(one.kind, one.notify) for one in changes} == {("deferred", False)}


def test_a_deferred_alert_is_not_told_that_day():
    tracks, day = open_accounts(1)
    opened = [entry.alert for track in tracks.values() for entry in track.entries.values()]
    _, changes = spend(tracks, day, limit=0)
    (one,) = settle([*changes])
    assert (one.alert.alert_id, one.alert.deferred, one.notify) == (
        opened[0].alert_id,
        True,
        False,
    )
    assert one.alert.notified_at is None


def test_critical_alerts_are_never_deferred():
    tracks, day = open_accounts(10, points=80)
    tracks, _ = spend(tracks, day)
    assert deferred(tracks) == []


def test_alerts_by_a_floor_are_never_deferred():
    tracks, day = open_accounts(10, points=10, band="high", floor="stakeholder_left")
    tracks, _ = spend(tracks, day)
    assert deferred(tracks) == []


def test_the_budget_resets_with_the_week_and_deferred_alerts_are_promoted():
    tracks, day = open_accounts(10)
    tracks, _ = spend(tracks, day)
    tracks, same_week = spend(tracks, day + 1)
    assert same_week == []
    tracks, changes = spend(tracks, MONDAY + 7)
    assert {(one.kind, one.notify) for one in changes} == {("promoted", True)}
    assert deferred(tracks) == []


def test_the_pass_twice_changes_nothing_more():
    tracks, day = open_accounts(10)
    tracks, _ = spend(tracks, day)
    assert spend(tracks, day)[1] == []


def test_every_kam_has_a_budget_of_their_own():
    tracks, day = open_accounts(7)
    other = Days(replace(ACCOUNT, account_id="ACC-X", kam=None), MONDAY)
    other.many(2, score(51), finding())
    tracks, _ = spend({**tracks, "ACC-X": other.track, "ACC-Y": Track()}, day)
    assert deferred(tracks) == []


class Weeks(Days):
    """One account, whose week's budget is shared after each day."""

    def pass_days(self, count, today, *findings, limit=0):
        """Return the alert after so many days alike."""
        for _ in range(count):
            self.evaluate(today, *findings)
            touched = budget_pass({"A": self.track}, self.day, limit=limit)
            self.track = touched.get("A", (self.track,))[0]
        (entry,) = self.track.entries.values()
        return entry.alert


RISK, FLOORED = finding(), score(55, floor="stakeholder_left")


def test_one_that_was_deferred_and_comes_back_critical_is_not_deferred_any_more():
    weeks = Weeks()
    assert weeks.pass_days(3, score(55), RISK).deferred
    assert weeks.pass_days(9, score(10)).resolved_at
    alert = weeks.pass_days(2, score(85), RISK)
    assert (alert.resolved_at, alert.band, alert.deferred) == (None, "critical", False)


def test_one_that_was_deferred_and_comes_back_as_it_was_waits_for_the_budget_again():
    weeks = Weeks()
    weeks.pass_days(3, score(55), RISK)
    weeks.pass_days(9, score(44))
    assert weeks.pass_days(2, score(55), RISK).deferred
    assert not weeks.pass_days(1, score(55), RISK, limit=1).deferred


def test_one_that_an_earlier_version_left_deferred_though_it_passed_passes():
    weeks = Weeks()
    weeks.pass_days(3, score(55), RISK)
    ((key, entry),) = weeks.track.entries.items()
    weeks.track = msgspec.structs.replace(
        weeks.track, entries={key: msgspec.structs.replace(entry, admitted=weeks.day - 1)}
    )
    assert not weeks.pass_days(1, score(55), RISK, limit=1).deferred


def test_one_that_gets_its_floor_while_pending_is_not_deferred():
    weeks = Weeks()
    weeks.evaluate(score(55), RISK)
    alert = weeks.pass_days(1, FLOORED, RISK)
    assert (alert.opened_at, alert.deferred) == (weeks.now, False)


def test_one_that_gets_its_floor_while_deferred_is_promoted():
    weeks = Weeks()
    assert weeks.pass_days(3, score(55), RISK).deferred
    assert not weeks.pass_days(1, FLOORED, RISK).deferred
