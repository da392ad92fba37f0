"""When the KAM changes, every active run goes along, also one that no open alert leads to."""

from datetime import timedelta

import pytest

from services.signals.runs import RunCommands
from tests.support.merging import NOW, World

LAN = {"name": "A Ltd", "kam": {"id": "k9", "name": "Lan"}}
TASKS = "SELECT task_id, role, owner_id FROM run_task WHERE run_id = :run ORDER BY position"
SOLVED = {"ticket_ref": "T1", "phase": "solved"}


@pytest.fixture(params=["wall", "event"])
def leadline(request, database):
    found = World(database, request.param, NOW)
    found.begin()
    found.days_pass(2)
    return found


def commands(leadline):
    return RunCommands(leadline.database, leadline.clock, clock_name=leadline.clock_name)


def owner_of(leadline, run):
    (row,) = leadline.rows("SELECT owner_id FROM playbook_run WHERE run_id = :run", run=run)
    return row["owner_id"]


def become(leadline, master):
    leadline.say("account", "A", master)
    leadline.days_pass(2)


def test_a_run_that_was_started_by_hand_follows_the_manager(leadline):
    run = commands(leadline).start_run("executive_review", "A", actor="k1", key="")
    told = len(leadline.rows("SELECT 1 FROM signal_outbox WHERE kind = 'run'"))
    become(leadline, LAN)
    assert owner_of(leadline, run) == "k9"
    assert {task["owner_id"] for task in leadline.rows(TASKS, run=run)} == {"k9"}
    assert len(leadline.rows("SELECT 1 FROM signal_outbox WHERE kind = 'run'")) == told
    become(leadline, LAN)
    (row,) = leadline.rows("SELECT machine_version FROM playbook_run WHERE run_id = :r", r=run)
    assert row["machine_version"] == 2


def test_of_its_tasks_those_that_are_done_and_those_of_other_roles_stay(leadline):
    """The manager stands in for roles that nobody has, and may have one of his own."""
    become(leadline, {"name": "A Ltd", "team": [{"role": "FIN", "id": "k1"}]})
    run = commands(leadline).start_run("executive_review", "A", actor="k1", key="")
    first, *_ = leadline.rows(TASKS, run=run)
    commands(leadline).complete_task(run, first["task_id"], actor="k1")
    become(leadline, LAN)
    done, *others = leadline.rows(TASKS, run=run)
    assert done["owner_id"] == "k1"
    assert {(task["role"], task["owner_id"]) for task in others} >= {("KAM", "k9"), ("FIN", "k1")}


def test_a_run_that_is_worked_on_after_its_alert_ended_follows_the_manager(leadline):
    (run,) = leadline.rows("SELECT run_id FROM playbook_run")
    (task, *_) = leadline.rows(TASKS, run=run["run_id"])
    commands(leadline).complete_task(run["run_id"], task["task_id"], actor="k1")
    leadline.say("complaint", "A", SOLVED, leadline.clock.now() - timedelta(hours=1))
    leadline.days_pass(10)
    assert leadline.alert_of("A")["resolved_at"] is not None
    become(leadline, LAN)
    assert owner_of(leadline, run["run_id"]) == "k9"
    assert leadline.alert_of("A")["owner_id"] == "k1"


def test_a_closed_run_keeps_its_owner(leadline):
    run = commands(leadline).start_run("executive_review", "A", actor="k1", key="")
    commands(leadline).close_run(run, "completed", None, actor="k1")
    become(leadline, LAN)
    assert owner_of(leadline, run) == "k1"
