"""A playbook that waits for the account's one active run begins when that is over."""

from datetime import UTC, datetime, timedelta

import pytest

from services.signals.runs import RunCommands
from tests.support.merging import World

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPONSOR = {"contact_ref": "P1", "influence": "sponsor", "function": "logistics"}
RUNS = "SELECT r.*, a.type FROM playbook_run r JOIN alert a USING (alert_id) ORDER BY r.started_at"


class Busy(World):
    """A complains, and loses a sponsor soon after: the second alert's playbook has to wait."""

    def begin(self):
        self.say("contact_change", "A", SPONSOR | {"change": "joined"}, NOW - 300 * DAY)
        super().begin()
        self.work()
        self.say("contact_change", "A", SPONSOR | {"change": "left"}, self.clock.now() - HOUR / 2)
        self.days_pass(2)

    @property
    def commands(self):
        return RunCommands(self.database, self.clock, clock_name=self.clock_name)

    def runs(self):
        return self.rows(RUNS)

    def alert_id(self, kind):
        statement = "SELECT alert_id FROM alert WHERE type = :k AND opened_at IS NOT NULL"
        (alert,) = self.rows(statement, k=kind)
        return alert["alert_id"]


@pytest.fixture(params=["wall", "event"])
def busy(request, database):
    found = Busy(database, request.param, NOW)
    found.begin()
    assert [run["type"] for run in found.runs()] == ["complaint"]
    return found


def test_it_begins_when_a_person_closes_the_run(busy):
    (first,) = busy.runs()
    busy.commands.close_run(first["run_id"], "recovered_by_action", None, actor="k1")
    busy.work()
    _, second = busy.runs()
    assert second["alert_id"] == busy.alert_id("stakeholder")
    assert second["started_at"] >= first["started_at"]
    (told,) = busy.told("run", second["run_id"])
    assert told.state == "active"


def test_it_begins_when_a_person_resolves_the_alert_of_the_run(busy):
    alert = busy.resolve("A", "k1")
    busy.commands.end_runs_of(alert)
    busy.work()
    assert [run["type"] for run in busy.runs()] == ["complaint", "stakeholder"]


def test_it_begins_when_the_alert_of_the_run_ends_by_itself(busy):
    busy.say("complaint", "A", {"ticket_ref": "T1", "phase": "solved"}, busy.clock.now() - HOUR)
    busy.days_pass(5)
    assert [run["type"] for run in busy.runs()] == ["complaint"]
    busy.days_pass(5)
    assert [run["type"] for run in busy.runs()] == ["complaint", "stakeholder"]


def test_it_begins_though_the_alert_had_a_run_before_it_was_taken_up_again(busy):
    ticket = {"ticket_ref": "T1", "phase": "solved"}
    busy.say("complaint", "A", ticket, busy.clock.now() - HOUR)
    busy.act(busy.alert_id("churn_risk"), "resolve", "k1", outcome="accepted_risk")
    busy.days_pass(10)
    busy.say("complaint", "A", ticket | {"phase": "reopened"}, busy.clock.now() - HOUR)
    busy.days_pass(1)
    _, second = busy.runs()
    busy.commands.close_run(second["run_id"], "recovered_by_action", None, actor="k1")
    busy.work()
    assert [run["type"] for run in busy.runs()] == ["complaint", "stakeholder", "complaint"]
    *_, third = busy.runs()
    busy.commands.close_run(third["run_id"], "recovered_by_action", None, actor="k1")
    busy.work()
    assert len(busy.runs()) == 3


def test_nothing_begins_for_an_alert_that_was_resolved_meanwhile(busy):
    busy.act(busy.alert_id("stakeholder"), "resolve", "k1", outcome="explained_change")
    (first,) = busy.runs()
    busy.commands.close_run(first["run_id"], "recovered_by_action", None, actor="k1")
    busy.days_pass(2)
    assert "stakeholder" not in [run["type"] for run in busy.runs()]


def test_it_begins_once(busy):
    (first,) = busy.runs()
    busy.commands.close_run(first["run_id"], "recovered_by_action", None, actor="k1")
    busy.work()
    busy.days_pass(3)
    assert [run["type"] for run in busy.runs()] == ["complaint", "stakeholder"]


def test_days_lived_one_by_one_and_rebuilt_begin_the_same_runs_at_the_same_times(database):
    lived = Busy(database, "event", NOW)
    lived.begin()
    lived.say("complaint", "A", {"ticket_ref": "T1", "phase": "solved"}, lived.clock.now() - HOUR)
    lived.days_pass(10)
    before = lived.runs()
    assert [run["type"] for run in before] == ["complaint", "stakeholder"]
    assert lived.rebuilt().rows(RUNS) == before
