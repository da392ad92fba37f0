"""An account that goes into another: its alerts end with that reason, the other is judged anew."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from services.signals.runs import RunCommands
from shared.contracts.outbound import read_outbound
from shared.store.tables import AlertActionRow
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
SEVERE = {"ticket_ref": "T1", "phase": "opened", "severity": 1, "category": "damage"}
INTO_B = {"name": "A Ltd", "kam": {"id": "k1"}, "status": "merged", "merged_into": "B"}
ALIVE = {"name": "A Ltd", "kam": {"id": "k1"}, "status": "active", "merged_into": None}
OF_SIGNALS = (
    "run_action", "run_task", "playbook_run", "alert", "alert_track", "signal", "account_score",
    "population_fit", "signal_outbox", "signals_progress",
)  # fmt: skip
ALERTS = """
SELECT c.account_id AS customer, a.* FROM alert a JOIN account c ON c.id = a.account_id
WHERE a.opened_at IS NOT NULL ORDER BY a.alert_id
"""
RUNS = "SELECT run_id, alert_id, owner_id FROM playbook_run ORDER BY run_id"
ENDS = "SELECT run_id, kind, outcome, note FROM run_action ORDER BY run_id, id"


class World(Installation):
    """A (of k1) and B (of k2) book every week; A complains."""

    def begin(self):
        for name, kam in (("A", "k1"), ("B", "k2")):
            data = {"name": f"{name} Ltd", "kam": {"id": kam}}
            self.say("account", name, data, NOW - timedelta(days=400))
            self.bookings(name, weeks=50, start=NOW - timedelta(days=351))
        self.say("complaint", "A", SEVERE, NOW - timedelta(hours=1))

    def say(self, noun, account, data, time=None):
        self.take(self.event(noun, account, time or self.clock.now(), data, "/crm"))

    def days_pass(self, days):
        """Let days pass on either clock; B goes on booking."""
        for _ in range(days):
            self.clock.pass_seconds(DAY.total_seconds())
            ref = {"booking_ref": f"late-{self.clock.now():%j}", "phase": "confirmed"}
            lane = {"mode": "sea", "service": "FCL", "origin": "VNHPH", "destination": "DEHAM"}
            self.take(self.event("booking", "B", self.clock.now() - timedelta(hours=2), ref | lane))
            self.work()

    def alert_of(self, customer):
        """Return the alert of the complaint."""
        (found,) = [
            one
            for one in self.rows(ALERTS)
            if one["customer"] == customer and one["type"] == "complaint"
        ]
        return found

    def told(self, kind, name):
        """Return what was told of an alert or a run, oldest first."""
        rows = self.rows("SELECT kind, topic, body FROM signal_outbox ORDER BY id")
        found = [read_outbound(r["topic"], r["body"]).data for r in rows if r["kind"] == kind]
        return [one for one in found if getattr(one, f"{kind}_id") == name]

    def told_runs_of(self, alert):
        (run,) = self.rows("SELECT run_id FROM playbook_run WHERE alert_id = :a", a=alert)
        return self.told("run", run["run_id"])


@pytest.fixture(params=["wall", "event"])
def leadline(request, database):
    found = World(database, request.param, NOW)
    found.begin()
    found.days_pass(2)
    return found


def test_the_alert_of_a_merged_account_ends_with_that_reason_and_keeps_its_owner(leadline):
    before = leadline.alert_of("A")
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    after = leadline.alert_of("A")
    assert before["resolved_at"] is None
    assert after["resolved_at"] is not None
    assert (after["outcome"], after["owner_id"]) == ("explained_change", "k1")
    last = leadline.told("alert", after["alert_id"])[-1]
    assert (last.state, last.closed_because) == ("resolved", "account_merged")
    assert last.owner.id == "k1"


def test_its_run_ends_with_it_and_keeps_its_owner(leadline):
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    first, *_, last = leadline.told_runs_of(leadline.alert_of("A")["alert_id"])
    assert (first.state, last.state) == ("active", "closed")
    assert last.closed_because == "account_merged"
    assert {first.owner.id, last.owner.id} == {"k1"}


def test_a_run_that_somebody_works_on_is_left_to_them(leadline):
    (run,) = leadline.rows("SELECT run_id FROM playbook_run")
    (task, *_) = leadline.rows("SELECT task_id FROM run_task ORDER BY position")
    commands = RunCommands(leadline.database, leadline.clock)
    commands.complete_task(run["run_id"], task["task_id"], actor="k1")
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    last = leadline.told("run", run["run_id"])[-1]
    assert (last.state, last.owner.id) == ("active", "k1")


def test_its_target_is_judged_with_the_joined_facts_as_its_own_account(leadline):
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    joined = leadline.alert_of("B")
    assert (joined["type"], joined["owner_id"]) == ("complaint", "k2")
    assert joined["resolved_at"] is None
    assert joined["suppressed_reason"] is None
    assert leadline.told_runs_of(joined["alert_id"])[0].owner.id == "k2"


@pytest.mark.parametrize(
    "merge",
    [{"merged_into": "NOBODY"}, {}],
    ids=["into an unknown account", "into none"],
)
def test_an_account_that_goes_on_by_itself_keeps_its_alert(leadline, merge):
    leadline.say("account", "A", {"name": "A Ltd", "status": "merged"} | merge)
    leadline.days_pass(2)
    after = leadline.alert_of("A")
    assert (after["resolved_at"], after["owner_id"]) == (None, "k1")


def test_a_merge_told_late_ends_the_alert_when_it_is_told(leadline):
    leadline.say("account", "A", INTO_B, NOW - timedelta(days=3))
    leadline.days_pass(2)
    after = leadline.alert_of("A")
    assert after["resolved_at"] >= after["opened_at"]
    assert leadline.told("alert", after["alert_id"])[-1].closed_because == "account_merged"


def test_days_lived_one_by_one_and_rebuilt_give_the_same_alerts(database):
    lived = World(database, "event", NOW)
    lived.begin()
    lived.days_pass(3)
    lived.say("account", "A", INTO_B)
    lived.days_pass(3)
    pictures = [lived.rows(statement) for statement in (ALERTS, RUNS, ENDS)]
    with database.write() as connection:
        for table in OF_SIGNALS:
            connection.execute(text(f"DELETE FROM {table}"))
    rebuilt = World(database, "event", lived.clock.now())
    rebuilt.work()
    assert {one["customer"] for one in pictures[0]} == {"A", "B"}
    for before, statement in zip(pictures, (ALERTS, RUNS, ENDS), strict=True):
        assert rebuilt.rows(statement) == before


class Parted(World):
    """A and B as before; A is merged into B, and some days later the CRM says that it lives."""

    def part(self, *, merged_days):
        (alert,) = self.rows("SELECT alert_id FROM alert WHERE type = 'complaint'")
        self.acknowledge(alert["alert_id"], "k1")
        self.say("account", "A", INTO_B)
        self.days_pass(merged_days)
        self.say("account", "A", ALIVE)
        self.settle()

    def settle(self):
        """Let the worker see it: at once on the wall clock, by the next day on the other."""
        if self.clock_name == "event":
            self.days_pass(2)
        self.work()

    def acknowledge(self, alert_id, actor):
        with self.database.write() as connection:
            act = {"alert_id": alert_id, "kind": "acknowledge", "actor": actor}
            connection.execute(insert(AlertActionRow).values(**act, at=self.clock.now()))

    def told_states_of(self, alert):
        """Return the last state told of each run of an alert."""
        runs = self.rows("SELECT run_id FROM playbook_run WHERE alert_id = :a", a=alert)
        return {one["run_id"]: self.told("run", one["run_id"])[-1].state for one in runs}

    def last_told(self, customer):
        return self.told("alert", self.alert_of(customer)["alert_id"])[-1]


@pytest.fixture(params=["wall", "event"])
def parted(request, database):
    found = Parted(database, request.param, NOW)
    found.begin()
    found.days_pass(2)
    return found


def test_what_came_with_an_accounts_facts_ends_when_it_goes_its_own_way_again(parted):
    parted.part(merged_days=2)
    joined = parted.alert_of("B")
    last = parted.last_told("B")
    assert joined["resolved_at"] is not None
    assert (last.state, last.outcome) == ("resolved", "explained_change")
    assert (last.closed_because, last.owner.id) == ("merge_undone", "k2")
    assert parted.told_runs_of(joined["alert_id"])[-1].closed_because == "merge_undone"


@pytest.mark.parametrize("merged_days", [2, 15])
def test_its_own_alert_is_taken_up_again_as_acknowledged_as_it_was(parted, merged_days):
    before = parted.alert_of("A")["alert_id"]
    parted.part(merged_days=merged_days)
    last = parted.last_told("A")
    assert (last.alert_id, last.state) == (before, "acknowledged")
    assert (last.closed_because, last.owner.id) == (None, "k1")


def test_a_run_starts_again_with_the_alert_however_soon_the_merge_is_taken_back(parted):
    (run,) = parted.rows("SELECT run_id FROM playbook_run")
    parted.part(merged_days=1)
    runs = parted.told_states_of(parted.alert_of("A")["alert_id"])
    assert runs.pop(run["run_id"]) == "closed"
    assert list(runs.values()) == ["active"]


def test_what_the_other_account_would_have_opened_by_itself_goes_on(parted):
    parted.say("complaint", "B", SEVERE | {"ticket_ref": "T2"}, parted.clock.now())
    parted.days_pass(1)
    own = parted.alert_of("B")["alert_id"]
    parted.acknowledge(own, "k2")
    parted.say("account", "A", INTO_B)
    parted.days_pass(2)
    parted.say("account", "A", ALIVE)
    parted.settle()
    last = parted.told("alert", own)[-1]
    assert (last.state, last.closed_because) == ("acknowledged", None)


def test_accounts_merged_in_a_circle_let_the_worker_come_to_rest(parted):
    parted.say("account", "A", INTO_B)
    parted.days_pass(1)
    parted.say("account", "B", {"name": "B Ltd", "kam": {"id": "k2"}, "merged_into": "A"})
    parted.settle()
    assert parted.last_told("B").closed_because == "merge_undone"
    assert parted.last_told("A").state == "open"
