"""Wall clock: dirty accounts at once, everybody at midnight; people's acts; run commands."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from services.signals.runs import RunCommands
from shared.contracts.outbound import read_outbound
from shared.store.base import to_micros
from shared.store.tables import AlertActionRow
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
SPRING = datetime(2027, 3, 1, tzinfo=UTC)
DIRTY = """
SELECT a.account_id FROM account a
JOIN account_facts f ON f.account_id = a.id JOIN account_score s ON s.account_id = a.id
WHERE f.revision > s.scored_revision ORDER BY a.account_id
"""
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
    leadline.clock.pass_seconds(10)
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


def test_a_complaint_that_came_while_its_account_was_looked_at_opens_at_once(leadline):
    """Its time is after the look began; the look has read it, so no other one follows."""
    a_customer(leadline)
    leadline.work(end=False)
    at = NOW + timedelta(milliseconds=70)
    leadline.take(leadline.event("complaint", "A", at, SEVERE, "/crm"))
    leadline.work(end=False)
    leadline.clock.pass_seconds(1)
    leadline.work(end=False)
    (alert,) = leadline.rows("SELECT * FROM alert")
    assert alert["opened_at"] == to_micros(at)


def test_a_new_owner_who_came_while_the_account_was_looked_at_holds_its_alerts(leadline):
    a_customer(leadline)
    leadline.take(leadline.event("complaint", "A", NOW - timedelta(hours=1), SEVERE, "/crm"))
    leadline.work(end=False)
    owner = {"name": "A", "kam": {"id": "k7", "name": "Lan"}}
    leadline.take(leadline.event("account", "A", NOW + timedelta(milliseconds=70), owner, "/crm"))
    leadline.work(end=False)
    (alert,) = leadline.rows("SELECT owner_id FROM alert")
    assert alert["owner_id"] == "k7"


def test_who_complains_is_looked_at_before_those_who_only_booked(leadline):
    for account in ("A", "B", "C"):
        a_customer(leadline, account)
    leadline.work(end=False)
    for account in ("A", "B", "C"):
        leadline.bookings(account, weeks=1, start=NOW - timedelta(hours=1))
    leadline.take(leadline.event("complaint", "C", NOW - timedelta(minutes=1), SEVERE, "/crm"))
    assert leadline.worker.step()
    assert [row["account_id"] for row in leadline.rows(DIRTY)] == ["A", "B"]
    assert len(leadline.rows("SELECT * FROM alert WHERE reason_code = 'severe_complaint'")) == 1


def test_an_old_complaint_is_no_reason_to_hurry(leadline):
    for account in ("A", "B"):
        a_customer(leadline, account)
    leadline.work(end=False)
    leadline.bookings("A", weeks=1, start=NOW - timedelta(hours=1))
    leadline.take(leadline.event("complaint", "B", NOW - timedelta(days=3), SEVERE, "/crm"))
    assert leadline.worker.step()
    assert leadline.rows(DIRTY) == []


def test_accounts_take_turns_while_everybody_keeps_booking(leadline, monkeypatch):
    monkeypatch.setattr("services.signals.worker.pace.CHUNK", 2)
    for account in ("A", "B", "C"):
        a_customer(leadline, account)
    leadline.work(end=False)

    def everybody_books():
        for account in ("A", "B", "C"):
            leadline.bookings(account, weeks=1, start=leadline.clock.now())

    everybody_books()
    assert leadline.worker.step()
    everybody_books()
    assert leadline.worker.step()
    assert "C" not in {row["account_id"] for row in leadline.rows(DIRTY)}


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


def _told_alerts(leadline):
    told = leadline.rows("SELECT topic, body FROM signal_outbox WHERE kind = 'alert' ORDER BY id")
    return [read_outbound(row["topic"], row["body"]).data for row in told]


def _with_a_run(leadline):
    a_customer(leadline)
    leadline.take(leadline.event("complaint", "A", NOW - timedelta(hours=1), SEVERE, "/crm"))
    leadline.work(end=False)
    tasks = leadline.rows("SELECT run_id, task_id FROM run_task ORDER BY position")
    return RunCommands(leadline.database, leadline.clock), tasks


def test_the_first_work_on_its_run_tells_the_alert_once_with_its_next_version(leadline):
    commands, (first, second, *_) = _with_a_run(leadline)
    commands.complete_task(**first, actor="k1")
    leadline.work(end=False)
    opened, worked = _told_alerts(leadline)
    assert (opened.state, worked.state) == ("open", "in_progress")
    assert worked.version == opened.version + 1
    commands.complete_task(**second, actor="k1")
    leadline.work(end=False)
    assert len(_told_alerts(leadline)) == 2
    kam = {"name": "A", "kam": {"id": "k9", "name": "Lan"}}
    leadline.take(leadline.event("account", "A", NOW, kam, "/crm"))
    leadline.work(end=False)
    assert _told_alerts(leadline)[-1].version == worked.version + 1


def test_work_between_its_expiry_and_the_next_midnight_leaves_an_alert_expired(leadline):
    commands, (first, *_) = _with_a_run(leadline)
    leadline.clock.pass_seconds(45 * 24 * 3600)  # it expired an hour ago
    leadline.work(end=False)
    commands.complete_task(**first, actor="k1")
    leadline.work(end=False)
    complaint = leadline.rows("SELECT alert_id FROM alert WHERE type = 'complaint'")[0]["alert_id"]
    told = [one for one in _told_alerts(leadline) if one.alert_id == complaint]
    late = told[-1]
    assert late.state == "expired"
    leadline.clock.pass_seconds(24 * 3600)
    leadline.work(end=False)
    told = [one for one in _told_alerts(leadline) if one.alert_id == complaint]
    assert (told[-1].state, told[-1].version) == ("expired", late.version + 1)
    heirs = leadline.rows("SELECT 1 FROM alert WHERE previous_alert_id = :id", id=complaint)
    assert len(heirs) == 1


def _a_fading_customer(leadline, *, weeks):
    """A books for so many weeks, then no more; 104 would lead to the present."""
    for other in "BCDEF":
        leadline.bookings(other, weeks=112, every_days=2, start=NOW - timedelta(days=783))
    leadline.bookings("A", weeks=weeks, every_days=3, start=NOW - timedelta(days=728))


def test_an_alert_that_opened_just_before_a_kill_begins_its_work_with_the_next_process(leadline):
    """Only its process knew that the week's budget was to be shared once more that day."""
    leadline.work()
    _a_fading_customer(leadline, weeks=101)
    while not leadline.rows("SELECT 1 FROM alert WHERE opened_at IS NOT NULL"):
        if not leadline.worker.step():
            leadline.clock.pass_seconds(10)
    assert leadline.rows("SELECT * FROM playbook_run") == []

    leadline.worker = leadline.new_worker()
    leadline.work()

    assert len(leadline.rows("SELECT * FROM playbook_run")) == 1


def test_what_people_did_while_nobody_scored_is_told_with_the_midnights_caught_up(leadline):
    """Those come in versions that count the act: no event with the act alone would follow."""
    _a_fading_customer(leadline, weeks=99)
    leadline.work()
    (alert,) = leadline.rows("SELECT alert_id FROM alert WHERE resolved_at IS NULL")
    before = len(_told_alerts(leadline))
    leadline.clock.pass_seconds(5 * 86_400)
    act = {"kind": "snooze", "actor": "k7", "at": leadline.clock.now(), "until": SPRING}
    with leadline.database.write() as connection:
        connection.execute(insert(AlertActionRow).values(**alert, **act))

    leadline.work()

    *midnights, last = _told_alerts(leadline)[before:]
    assert (last.alert_id, last.state, last.snoozed_until) == (*alert.values(), "snoozed", SPRING)
    assert last.updated_at == act["at"]
    assert len({one.version for one in [*midnights, last]}) == len(midnights) + 1


def test_acts_of_one_moment_are_told_by_one_event_of_the_time_of_the_last(leadline):
    a_customer(leadline)
    leadline.take(leadline.event("complaint", "A", NOW - timedelta(hours=1), SEVERE, "/crm"))
    leadline.work(end=False)
    (alert,) = leadline.rows("SELECT alert_id FROM alert")
    before = len(_told_alerts(leadline))
    for kind, until in (("acknowledge", None), ("snooze", SPRING)):
        leadline.clock.pass_seconds(1)
        act = {"kind": kind, "actor": "k7", "at": leadline.clock.now(), "until": until}
        with leadline.database.write() as connection:
            connection.execute(insert(AlertActionRow).values(**alert, **act))

    leadline.work(end=False)

    (told,) = leadline.rows("SELECT body FROM signal_outbox WHERE kind = 'alert' ORDER BY id")[
        before:
    ]
    event = json.loads(bytes(told["body"]))
    assert event["data"]["state"] == "snoozed"
    assert event["time"] == event["data"]["updated_at"]
    assert datetime.fromisoformat(event["time"]) == leadline.clock.now()
