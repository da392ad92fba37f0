"""History that comes to a running installation opens what it would have before the start."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from services.api.commands import Act, act_on_alert
from services.api.queries.status import status
from shared.store.base import from_micros, to_micros
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
SEVERE = {"ticket_ref": "T1", "phase": "opened", "severity": 1, "category": "damage"}


@pytest.fixture
def leadline(database):
    found = Installation(database, "wall", NOW)
    found.work(end=False)
    return found


def history(leadline, weeks):
    """Take these weeks' bookings of an account that fell silent after 50 of them."""
    events = [
        leadline.event(
            "booking", "GONE", NOW - 420 * DAY + 7 * week * DAY,
            {
                "booking_ref": f"B{week}", "phase": "confirmed", "mode": "sea", "service": "FCL",
                "origin": "VNHPH", "destination": "DEHAM", "teu": 2,
            },
        )
        for week in weeks
    ]  # fmt: skip
    leadline.take(*events)
    leadline.work(end=False)


def an_account(leadline, number):
    """Return the bookings of a year of one account; every third stopped two months ago."""
    last = 45 if number % 3 == 0 else 52
    return [
        leadline.event(
            "booking", f"A{number}", NOW - (364 - 7 * week - number % 5) * DAY,
            {"booking_ref": f"A{number}-{week}", "phase": "confirmed", "mode": "sea"},
        )
        for week in range(last)
    ]  # fmt: skip


def look_anew(leadline):
    """Forget every look, as if all facts had been there before the start."""
    with leadline.database.write() as connection:
        for table in ("run_task", "playbook_run", "alert", "alert_track", "signal", "account_score",
                      "population_fit", "lane_market", "signals_progress",
                      "signal_outbox"):  # fmt: skip
            connection.execute(text(f"DELETE FROM {table}"))
    leadline.worker = leadline.new_worker()
    leadline.work(end=False)
    settle(leadline)


def settle(leadline):
    """Let nothing more come."""
    leadline.clock.pass_seconds(30)
    leadline.work(end=False)


def alerts(leadline):
    return leadline.rows(
        "SELECT type, opened_at, alert_id FROM alert WHERE opened_at IS NOT NULL ORDER BY alert_id"
    )


def test_history_that_comes_in_parts_opens_the_alert_that_it_opens_as_a_whole(leadline):
    history(leadline, range(1))
    history(leadline, range(1, 50))
    settle(leadline)
    (alert,) = alerts(leadline)
    assert alert["type"] == "churn_risk"
    assert NOW - 31 * DAY <= from_micros(alert["opened_at"]) < NOW
    assert len(leadline.rows("SELECT * FROM playbook_run")) == 1


def test_history_behind_an_event_of_today_is_looked_at_too(leadline):
    leadline.take(leadline.event("account", "GONE", NOW - timedelta(hours=1), {"name": "Gone"}))
    leadline.work(end=False)
    history(leadline, range(50))
    settle(leadline)
    assert [one["type"] for one in alerts(leadline)] == ["churn_risk"]


@pytest.mark.parametrize("weeks", [range(50), range(49, -1, -1)], ids=["oldest", "newest"])
def test_nothing_opens_while_history_is_still_coming(leadline, weeks):
    for part in weeks:
        history(leadline, [part])
        leadline.clock.pass_seconds(5)
    assert alerts(leadline) == []
    settle(leadline)
    assert [one["type"] for one in alerts(leadline)] == ["churn_risk"]


def in_two_parts(leadline, older, newer):
    """Take the older part beside an account that keeps the feed speaking, then the newer one."""
    for part in ([*an_account(leadline, 100), *older], newer):
        leadline.take(*part)
        leadline.work(end=False)
        settle(leadline)


def live(leadline):
    return leadline.rows(
        "SELECT a.account_id, l.type FROM alert l JOIN account a ON a.id = l.account_id"
        " WHERE l.opened_at IS NOT NULL AND l.resolved_at IS NULL ORDER BY 1, 2"
    )


@pytest.mark.parametrize("share", [0.7, 0.8, 0.85, 0.9])
def test_of_history_in_two_parts_the_alerts_are_those_of_the_whole(leadline, share):
    events = [event for number in range(12) for event in an_account(leadline, number)]
    events.sort(key=lambda one: one["time"])
    at = int(share * len(events))
    in_two_parts(leadline, events[:at], events[at:])
    found = live(leadline)
    look_anew(leadline)
    assert found == live(leadline)
    assert found


def test_an_alert_that_the_rest_of_the_history_does_not_bear_out_ends_with_its_run(leadline):
    events = an_account(leadline, 1)
    in_two_parts(leadline, events[:40], events[40:])

    (ended,) = leadline.rows("SELECT type, outcome, resolved_at FROM alert")
    assert (ended["type"], ended["outcome"]) == ("churn_risk", "false_alarm")
    assert from_micros(ended["resolved_at"]) > NOW
    assert [one["kind"] for one in leadline.rows("SELECT kind FROM run_action")] == ["close"]
    last = leadline.rows("SELECT body FROM signal_outbox WHERE kind = 'alert' ORDER BY id")[-1]
    assert json.loads(bytes(last["body"]))["data"]["state"] == "resolved"


def test_an_alert_on_which_somebody_works_is_left_to_them(leadline):
    events = an_account(leadline, 1)
    in_two_parts(leadline, events[:40], [])
    (alert,) = alerts(leadline)
    with leadline.database.write() as connection:
        act = Act("acknowledge", "kam-a", leadline.clock.now())
        act_on_alert(connection, alert | {"state": "open"}, act)
    leadline.take(*events[40:])
    leadline.work(end=False)
    settle(leadline)
    assert [one["type"] for one in live(leadline)] == ["churn_risk"]


def test_an_old_severe_complaint_that_is_told_only_now_opens(leadline):
    leadline.bookings("A", weeks=50, start=NOW - 351 * DAY)
    leadline.work(end=False)
    at = NOW - 9 * DAY
    leadline.take(leadline.event("complaint", "A", at, SEVERE, "/crm"))
    leadline.work(end=False)
    settle(leadline)
    opened = {one["type"]: from_micros(one["opened_at"]) for one in alerts(leadline)}
    assert opened["complaint"] == at


def test_what_was_told_is_not_told_again(leadline):
    history(leadline, range(50))
    settle(leadline)
    before = leadline.rows("SELECT kind, event_id FROM signal_outbox ORDER BY id")
    assert {row["kind"] for row in before} == {"signal", "alert", "run"}
    late = NOW - 200 * DAY
    booking = {"booking_ref": "late", "phase": "confirmed", "mode": "sea", "service": "FCL"}
    leadline.take(leadline.event("booking", "GONE", late, booking))
    leadline.work(end=False)
    settle(leadline)
    after = leadline.rows("SELECT kind, event_id FROM signal_outbox ORDER BY id")
    told = [row for row in after if row not in before]
    assert {row["kind"] for row in told} <= {"signal"}


def test_midnight_goes_on_after_it(leadline):
    history(leadline, range(1))
    history(leadline, range(1, 50))
    settle(leadline)
    leadline.clock.pass_seconds(24 * 3600)
    leadline.work(end=False)
    assert len(alerts(leadline)) == 1
    due = leadline.rows("SELECT due_at FROM account_score")
    assert [from_micros(one["due_at"]) for one in due] == [datetime(2026, 6, 3, tzinfo=UTC)]


def test_history_by_and_by_ends_with_the_alerts_and_signals_of_one_that_was_there(leadline):
    events = sorted(
        (event for number in range(12) for event in an_account(leadline, number)),
        key=lambda one: one["time"],
    )
    for at in range(0, len(events), 100):
        leadline.take(*events[at : at + 100])
        leadline.work(end=False)
        leadline.clock.pass_seconds(3)
    settle(leadline)
    found = alerts(leadline), told(leadline)
    look_anew(leadline)
    assert (alerts(leadline), told(leadline)) == found
    assert found[0]


def told(leadline):
    return leadline.rows(
        "SELECT a.account_id, s.as_of, s.risk FROM signal s JOIN account a ON a.id = s.account_id"
        f" WHERE s.as_of < {to_micros(NOW)} ORDER BY 1, 2"
    )


def test_the_account_counts_as_pending_until_its_history_was_looked_at(leadline):
    def pending():
        with leadline.database.read() as connection:
            return status(connection, leadline.clock.now(), "wall")["signals"]["pending_accounts"]

    history(leadline, range(50))
    assert pending() == 1
    settle(leadline)
    assert pending() == 0


def a_solved_ticket(leadline, *, solved_after, told_after, days):
    """Take a severe ticket that opens at once, and at a later day its solution."""
    leadline.bookings("A", weeks=50, start=NOW - 351 * DAY)
    leadline.work(end=False)
    ticket = leadline.event("complaint", "A", NOW, SEVERE, "/crm")
    solved = leadline.event(
        "complaint", "A", NOW + solved_after, SEVERE | {"phase": "solved"}, "/crm"
    )
    leadline.take(ticket)
    leadline.work(end=False)
    for day in range(1, days + 1):
        leadline.clock.pass_seconds(24 * 3600)
        if day == told_after:
            leadline.take(solved)
        leadline.work(end=False)
    settle(leadline)


def complaint_of(leadline):
    (alert,) = leadline.rows("SELECT outcome, reason_text FROM alert WHERE type = 'complaint'")
    return alert


def test_a_ticket_that_was_solved_within_a_day_is_no_false_alarm_when_history_comes(leadline):
    a_solved_ticket(leadline, solved_after=DAY / 6, told_after=1, days=4)
    late = {"booking_ref": "late", "phase": "confirmed", "mode": "sea", "service": "FCL"}
    leadline.take(leadline.event("booking", "A", NOW - 200 * DAY, late))
    leadline.work(end=False)
    settle(leadline)
    assert complaint_of(leadline)["outcome"] is None
    for _ in range(7):
        leadline.clock.pass_seconds(24 * 3600)
        leadline.work(end=False)
    assert complaint_of(leadline)["outcome"] == "recovered_alone"


def test_nor_is_one_whose_solution_is_told_days_later(leadline):
    a_solved_ticket(leadline, solved_after=DAY / 6, told_after=4, days=4)
    assert complaint_of(leadline)["outcome"] is None


def test_nor_is_one_that_would_have_recovered_by_the_time_its_solution_is_told(leadline):
    a_solved_ticket(leadline, solved_after=2 * DAY, told_after=12, days=12)
    alert = complaint_of(leadline)
    assert alert["outcome"] == "recovered_alone"
    assert alert["reason_text"].endswith("solved on 3 Jun 2026")
