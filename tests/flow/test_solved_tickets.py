"""What an alert of a ticket says once the ticket is solved, and when a solved one opens none."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.outbound import read_outbound
from shared.domain.sentences import said
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEVERE = {"ticket_ref": "T1", "phase": "opened", "severity": 1, "category": "damage"}
SOLVED = {"ticket_ref": "T1", "phase": "solved"}
REOPENED = {"ticket_ref": "T1", "phase": "reopened"}
OPENED = {"ticket_ref": "T2", "phase": "opened", "severity": 2, "category": "late"}


class World(Installation):
    """An account that books every week and complains now and then."""

    def begin(self):
        self.say("account", {"name": "A Ltd", "kam": {"id": "k1"}}, NOW - 400 * DAY)
        self.bookings("A", weeks=50, start=NOW - 351 * DAY)
        self.work()

    def say(self, noun, data, time):
        event = self.event(noun, "A", time, data, "/crm")
        self.take(event)
        return event["id"]

    def seen(self):
        """Let the worker see what came: at once on the wall clock, by the next day on the other."""
        if self.clock_name == "event":
            self.clock.pass_seconds(DAY.total_seconds())
            beat = {"booking_ref": f"beat-{self.clock.now():%j}", "phase": "confirmed"}
            self.take(self.event("booking", "B", self.clock.now() - HOUR, beat))
        self.work()

    def next_day(self):
        self.clock_name, before = "event", self.clock_name
        self.seen()
        self.clock_name = before

    def alerts(self):
        return self.rows(
            "SELECT * FROM alert WHERE type = 'complaint' AND opened_at IS NOT NULL"
            " ORDER BY opened_at"
        )

    def last_told(self, alert):
        rows = self.rows("SELECT kind, topic, body FROM signal_outbox ORDER BY id")
        told = [read_outbound(r["topic"], r["body"]).data for r in rows if r["kind"] == "alert"]
        return [one for one in told if one.alert_id == alert["alert_id"]][-1]


@pytest.fixture(params=["wall", "event"])
def leadline(request, database):
    found = World(database, request.param, NOW)
    found.begin()
    return found


def test_an_alert_says_that_its_ticket_was_solved_and_by_which_event(leadline):
    leadline.say("complaint", SEVERE, NOW - HOUR)
    leadline.seen()
    event = leadline.say("complaint", SOLVED, leadline.clock.now() - HOUR / 2)
    leadline.seen()
    (alert,) = leadline.alerts()
    told = leadline.last_told(alert)
    assert alert["resolved_at"] is None
    assert "; solved on " in told.reason.text
    assert event in {one.id for one in told.evidence}


@pytest.mark.parametrize(("language", "words"), [("vi", "đã giải quyết"), ("pt", "resolvida em")])
def test_that_is_said_in_every_language(leadline, language, words):
    leadline.say("complaint", SEVERE, NOW - HOUR)
    leadline.seen()
    leadline.say("complaint", SOLVED, leadline.clock.now() - HOUR / 2)
    leadline.seen()
    (alert,) = leadline.alerts()
    assert words in said(leadline.last_told(alert).reason.text, language)


def test_a_ticket_that_is_reopened_is_not_called_solved(leadline):
    leadline.say("complaint", SEVERE, NOW - HOUR)
    leadline.seen()
    leadline.say("complaint", SOLVED, leadline.clock.now() - HOUR / 2)
    leadline.say("complaint", REOPENED, leadline.clock.now() - HOUR / 4)
    leadline.seen()
    (alert,) = leadline.alerts()
    assert "solved" not in leadline.last_told(alert).reason.text


def test_what_opened_a_ticket_and_comes_after_its_solution_opens_no_alert(leadline):
    leadline.say("complaint", SOLVED, NOW - 25 * HOUR)
    leadline.seen()
    leadline.say("complaint", SEVERE, NOW - 26 * HOUR)
    leadline.seen()
    leadline.next_day()
    assert leadline.alerts() == []


def test_nor_does_it_at_midnight_where_both_came_today(database):
    leadline = World(database, "wall", NOW)
    leadline.begin()
    leadline.say("complaint", SOLVED, NOW - HOUR)
    leadline.say("complaint", SEVERE, NOW - 2 * HOUR)
    leadline.work()
    leadline.next_day()
    assert leadline.alerts() == []


def test_a_replay_opens_what_was_solved_within_its_day_and_says_that_it_was(database):
    leadline = World(database, "event", NOW)
    leadline.begin()
    leadline.say("complaint", SEVERE, NOW - 2 * HOUR)
    leadline.say("complaint", SOLVED, NOW - HOUR)
    leadline.seen()
    leadline.next_day()
    (alert,) = leadline.alerts()
    assert "; solved on 1 Jun 2026" in alert["reason_text"]


def test_a_complaint_beyond_its_agreed_time_says_so_too(leadline):
    leadline.say("complaint", SEVERE | {"severity": 2}, NOW - 10 * DAY)
    for _ in range(3):
        leadline.next_day()
    leadline.say("complaint", SOLVED, leadline.clock.now() - HOUR / 2)
    leadline.seen()
    (alert,) = leadline.alerts()
    text = leadline.last_told(alert).reason.text
    assert text.startswith("Complaint T1 open since 22 May 2026")
    assert "; solved on " in text
    assert "đã giải quyết" in said(text, "vi")


DAYS_AGO = pytest.mark.parametrize("days_ago", [60, 451], ids=["lately", "long ago"])


@DAYS_AGO
@pytest.mark.parametrize("severity", [1, 2])
def test_a_solution_of_long_ago_that_is_told_late_ends_the_alert_at_once(
    database, days_ago, severity
):
    leadline = World(database, "wall", NOW)
    opened = NOW - days_ago * DAY
    leadline.bookings("A", weeks=50, start=NOW - 351 * DAY)
    leadline.say("complaint", OPENED | {"severity": severity}, opened)
    leadline.work()
    assert leadline.alerts()[-1]["resolved_at"] is None
    leadline.say("complaint", SOLVED | {"ticket_ref": "T2"}, opened + DAY)
    leadline.work()
    alert = leadline.alerts()[-1]  # one that expired comes before it
    told = leadline.last_told(alert)
    assert alert["resolved_at"] is not None
    assert told.state == "resolved"
    assert "; solved on " in told.reason.text


def test_it_does_so_at_midnight_where_nobody_looked_between(database):
    leadline = World(database, "event", NOW)
    leadline.begin()
    leadline.say("complaint", OPENED, NOW - 60 * DAY)
    for _ in range(3):
        leadline.next_day()
    (alert,) = leadline.alerts()
    assert alert["resolved_at"] is None
    leadline.say("complaint", SOLVED | {"ticket_ref": "T2"}, NOW - 59 * DAY)
    leadline.next_day()
    leadline.next_day()
    (alert,) = leadline.alerts()
    assert alert["resolved_at"] is not None
