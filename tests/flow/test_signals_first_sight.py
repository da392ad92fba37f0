"""An account with history, as after an import, begins with its last weeks."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from shared.store.base import from_micros
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
SEVERE = {"ticket_ref": "T1", "phase": "opened", "severity": 1, "category": "damage"}


@pytest.fixture
def leadline(database):
    return Installation(database, "wall", NOW)


def test_a_loss_that_has_been_going_on_is_an_alert_at_the_first_look(leadline):
    leadline.bookings("GONE", weeks=50, start=NOW - timedelta(days=420))

    leadline.work(end=False)
    leadline.clock.pass_seconds(10)  # no more of its history comes
    leadline.work(end=False)

    alerts = leadline.rows("SELECT opened_at FROM alert WHERE type = 'churn_risk'")
    assert len(alerts) == 1
    assert NOW - timedelta(days=31) <= from_micros(alerts[0]["opened_at"]) < NOW
    assert len(leadline.rows("SELECT * FROM playbook_run")) == 1


def test_what_happened_today_is_told_together_with_the_history(leadline):
    leadline.bookings("A", weeks=50, start=NOW - timedelta(days=351))
    at = NOW - timedelta(minutes=10)
    leadline.take(leadline.event("complaint", "A", at, SEVERE, "/crm"))

    leadline.work(end=False)

    alerts = leadline.rows("SELECT opened_at FROM alert WHERE type = 'complaint'")
    assert [from_micros(alert["opened_at"]) for alert in alerts] == [at]


def test_what_opened_at_once_goes_on_through_the_look_at_the_days_before(leadline):
    leadline.bookings("A", weeks=50, start=NOW - timedelta(days=351))
    at = NOW - timedelta(minutes=10)
    leadline.take(leadline.event("complaint", "A", at, SEVERE, "/crm"))
    leadline.work()
    (alert,) = leadline.rows("SELECT resolved_at, recovering_since FROM alert")
    assert set(alert.values()) == {None}


def test_looking_again_tells_nothing_twice(leadline):
    leadline.bookings("GONE", weeks=50, start=NOW - timedelta(days=420))
    leadline.work(end=False)
    told = leadline.rows("SELECT event_id FROM signal_outbox ORDER BY id")

    leadline.work(end=False)

    assert leadline.rows("SELECT event_id FROM signal_outbox ORDER BY id") == told


def test_no_score_by_a_part_of_the_history_is_told(leadline):
    start = NOW - timedelta(days=351)
    leadline.bookings("KEEPS", weeks=51, start=start)  # its feed never seems silent
    events = [booking(leadline, week, start + timedelta(weeks=week)) for week in range(51)]
    for at in range(0, 51, 10):
        leadline.take(*events[at : at + 10])
        leadline.work(end=False)
        leadline.clock.pass_seconds(3)
    assert told(leadline, "LATE") == []

    leadline.clock.pass_seconds(10)
    leadline.work(end=False)
    assert set(told(leadline, "LATE")) == {"scored"}


def booking(leadline, week, at):
    data = {"booking_ref": f"L{week}", "phase": "confirmed", "mode": "sea", "teu": 2}
    return leadline.event("booking", "LATE", at, data)


def told(leadline, account):
    """Return the states that the signals of an account told."""
    rows = leadline.rows("SELECT key, body FROM signal_outbox WHERE kind = 'signal' ORDER BY id")
    bodies = (bytes(row["body"]) for row in rows if row["key"] == account)
    return [json.loads(body)["data"]["state"] for body in bodies]
