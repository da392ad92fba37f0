"""A merge that is taken back: the playbooks go on where they stood, and the history says so."""

import pytest

from services.api.queries.histories import alert_stories
from services.signals.runs import RunCommands
from tests.support.merging import HOUR, NOW, SEVERE, Parted

RUNS = """
SELECT run.*, c.account_id AS customer, alert.scope_key FROM playbook_run run
JOIN account c ON c.id = run.account_id JOIN alert ON alert.alert_id = run.alert_id
ORDER BY run.started_at, run.run_id
"""
DUE = "SELECT task_id, due_at FROM run_task WHERE run_id = :run ORDER BY position"


@pytest.fixture(params=["wall", "event"])
def parted(request, database):
    """A complains of two tickets; the first one's playbook runs, the second one's waits."""
    found = Parted(database, request.param, NOW)
    found.begin()
    found.say("complaint", "A", SEVERE | {"ticket_ref": "T2"}, NOW - HOUR / 2)
    found.days_pass(2)
    return found


def runs_of(parted, customer):
    return [one for one in parted.rows(RUNS) if one["customer"] == customer]


def commands(parted):
    return RunCommands(parted.database, parted.clock, clock_name=parted.clock_name)


def test_a_run_that_a_person_closed_does_not_begin_again(parted):
    (run,) = runs_of(parted, "A")
    commands(parted).close_run(run["run_id"], "recovered_by_action", None, actor="k1")
    parted.days_pass(1)
    parted.part(merged_days=1)
    of_ticket = [one for one in runs_of(parted, "A") if one["alert_id"] == run["alert_id"]]
    assert [one["run_id"] for one in of_ticket] == [run["run_id"]]


def test_a_run_that_somebody_works_on_is_still_the_accounts_active_one(parted):
    (run,) = runs_of(parted, "A")
    commands(parted).complete_task(run["run_id"], "facts", actor="k1")
    parted.part(merged_days=1)
    parted.days_pass(15)  # the second ticket's playbook need not rest any longer
    assert [one["run_id"] for one in runs_of(parted, "A")] == [run["run_id"]]


def test_what_a_merge_ended_goes_on_with_its_due_times(parted):
    (run,) = runs_of(parted, "A")
    alert = parted.alert_of_ticket("A", "T1")
    parted.part(merged_days=1)
    before, after = runs_of(parted, "A")
    assert parted.rows(DUE, run=after["run_id"]) == parted.rows(DUE, run=run["run_id"])
    assert after["first_action_due_at"] == before["first_action_due_at"]
    again = parted.alert_of_ticket("A", "T1")
    assert (again["due_at"], again["expires_at"]) == (alert["due_at"], alert["expires_at"])


def test_no_run_begins_for_an_alert_that_ends_at_that_moment(parted):
    parted.part(merged_days=2)
    ended = {one["run_id"]: one for one in parted.rows("SELECT * FROM run_action")}
    for run in parted.rows(RUNS):
        assert run["run_id"] not in ended or ended[run["run_id"]]["at"] > run["started_at"]


def test_the_alerts_history_says_that_it_ended_by_a_merge_and_came_back(parted):
    alert = parted.alert_of_ticket("A", "T1")["alert_id"]
    parted.part(merged_days=2)
    with parted.database.read() as connection:
        story = alert_stories(connection, {alert: "acknowledged"})[alert]
    said = [(one["act"], one.get("reason")) for one in story.history]
    said.remove(("acknowledge", None))
    assert said == [
        ("open", "severe_complaint"),
        ("resolve", "account_merged"),
        ("reopen", "merge_undone"),
    ]
    assert story.outcome is None
    assert [one["at"] for one in story.history] == sorted(one["at"] for one in story.history)
