"""Wall clock: dirty accounts at once, everybody at midnight; people's acts; run commands."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from services.signals.runs import RunCommands
from shared.contracts.outbound import read_outbound
from shared.store.base import to_micros
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
SEVERE = {"ticket_ref": "T1", "phase": "opened", "severity": 1, "category": "damage"}


@pytest.fixture
def leadline(database):
    return Installation(database, "wall", NOW)


def a_customer(leadline, account="A"):
    leadline.take(
        leadline.event("account", account, NOW - timedelta(days=400), {"name": account}, "/crm")
    )
    leadline.bookings(account, weeks=50, start=NOW - timedelta(days=351))


def test_new_facts_are_scored_at_once_with_the_revision_that_was_read(leadline):
    a_customer(leadline)
    leadline.work(end=False)
    (score,) = leadline.rows("SELECT * FROM account_score")
    (facts,) = leadline.rows("SELECT * FROM account_facts")
    assert score["scored_revision"] == facts["revision"]
    assert score["state"] == "scored"
    assert score["due_at"] == to_micros(datetime(2026, 6, 2, tzinfo=UTC))


def test_a_severe_complaint_opens_at_the_events_own_time_without_waiting_for_midnight(leadline):
    a_customer(leadline)
    leadline.work(end=False)
    at = NOW - timedelta(minutes=10)
    leadline.take(leadline.event("complaint", "A", at, SEVERE, "/crm"))
    leadline.work(end=False)
    (alert,) = leadline.rows("SELECT * FROM alert")
    assert alert["type"] == "complaint"
    assert alert["opened_at"] == to_micros(at)
    assert len(leadline.rows("SELECT * FROM playbook_run")) == 1
    told = [row["kind"] for row in leadline.rows("SELECT kind FROM signal_outbox ORDER BY id")]
    assert told.count("alert") == 1
    assert told.count("run") == 1


def test_midnight_looks_at_every_account_and_closes_the_day(leadline):
    a_customer(leadline)
    a_customer(leadline, "B")
    leadline.work(end=False)
    leadline.clock.pass_seconds(24 * 3600)
    leadline.work(end=False)
    due = leadline.rows("SELECT DISTINCT due_at FROM account_score")
    assert due == [{"due_at": to_micros(datetime(2026, 6, 3, tzinfo=UTC))}]
    (progress,) = leadline.rows("SELECT evaluated_day FROM signals_progress")
    midnight = to_micros(datetime(2026, 6, 2, tzinfo=UTC))
    assert progress["evaluated_day"] == midnight // 86_400_000_000


def test_several_workers_share_the_accounts_and_tell_everything_once(leadline):
    for number in range(8):
        a_customer(leadline, f"A{number}")
        at = NOW - timedelta(minutes=10)
        complaint = SEVERE | {"ticket_ref": f"T{number}"}
        leadline.take(leadline.event("complaint", f"A{number}", at, complaint, "/crm"))
    workers = [leadline.new_worker() for _ in range(3)]

    def work(worker):
        while worker.step():
            pass

    threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    leadline.work(end=False)
    assert len(leadline.rows("SELECT * FROM account_score WHERE scored_revision > 0")) == 8
    assert len(leadline.rows("SELECT * FROM alert")) == 8
    assert len(leadline.rows("SELECT * FROM signal_outbox WHERE kind = 'alert'")) == 8


def test_what_people_do_on_a_run_is_told_with_its_next_version(leadline):
    a_customer(leadline)
    leadline.work(end=False)
    commands = RunCommands(leadline.database, leadline.clock)
    run = commands.start_run("executive_review", "A", actor="k1", key="once")
    assert commands.start_run("executive_review", "A", actor="k1", key="once") == run
    (task, *_) = leadline.rows("SELECT task_id FROM run_task ORDER BY position")
    commands.complete_task(run, task["task_id"], actor="k1")
    commands.complete_task(run, task["task_id"], actor="k1")
    leadline.work(end=False)
    commands.close_run(run, "completed", "well done", actor="k1")
    leadline.work(end=False)
    told = leadline.rows("SELECT topic, body FROM signal_outbox WHERE kind = 'run' ORDER BY id")
    states = [read_outbound(row["topic"], row["body"]).data for row in told]
    assert [one.state for one in states] == ["active", "active", "closed"]
    assert states[1].tasks[0].state == "completed"
    assert states[2].outcome == "completed"


def test_commands_refuse_what_nobody_knows_or_the_state_forbids(leadline):
    a_customer(leadline)
    leadline.work(end=False)
    commands = RunCommands(leadline.database, leadline.clock)
    with pytest.raises(LookupError, match="no playbook"):
        commands.start_run("nothing", "A", actor="k1", key="")
    with pytest.raises(LookupError, match="no account"):
        commands.start_run("executive_review", "Z", actor="k1", key="")
    run = commands.start_run("executive_review", "A", actor="k1", key="")
    with pytest.raises(ValueError, match="none of"):
        commands.close_run(run, "nonsense", None, actor="k1")
    commands.close_run(run, "completed", None, actor="k1")
    with pytest.raises(ValueError, match="was closed as"):
        commands.close_run(run, "abandoned", None, actor="k1")


def test_open_alerts_and_their_runs_follow_the_account_manager(leadline):
    a_customer(leadline)
    leadline.take(leadline.event("complaint", "A", NOW - timedelta(hours=1), SEVERE, "/crm"))
    leadline.work(end=False)
    kam = {"name": "A", "kam": {"id": "k9", "name": "Lan"}}
    leadline.take(leadline.event("account", "A", NOW, kam, "/crm"))
    leadline.work(end=False)
    (alert,) = leadline.rows("SELECT owner_id, machine_version FROM alert")
    assert alert["owner_id"] == "k9"
    assert {row["owner_id"] for row in leadline.rows("SELECT owner_id FROM playbook_run")} == {"k9"}
    told = leadline.rows("SELECT * FROM signal_outbox WHERE kind = 'alert'")
    assert len(told) == 2
