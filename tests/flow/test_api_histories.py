"""What people and the machine did comes back: with alerts, with runs, oldest first."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from services.signals.runs import RunCommands
from shared.domain.alerts import MACHINE
from tests.support.api import running_api
from tests.support.factories import NOW

OPENED = {"at": "2026-03-09T12:00:00Z", "actor": MACHINE, "act": "open", "reason": "churn_risk"}
AT = "2026-03-10T12:00:00Z"


@pytest.fixture
def api(database_url):
    with running_api(database_url, commands=RunCommands) as running:
        running.make.account("ACC-1")
        running.make.alert("a1", "ACC-1")
        yield running


def test_what_people_said_of_an_alert_comes_back_with_it(api):
    kam = api.client("kam", "kam-a")
    kam.post("/v1/alerts/a1/acknowledge")
    snooze = {"until": "2026-03-20T00:00:00Z", "reason": "customer on holiday"}
    kam.post("/v1/alerts/a1/snooze", json=snooze)
    resolve = {"outcome": "recovered_by_action", "note": "called the plant"}
    answer = kam.post("/v1/alerts/a1/resolve", json=resolve)
    found = kam.get("/v1/alerts/a1").json()
    assert answer.json() == found
    assert (found["outcome"], found["note"]) == ("recovered_by_action", "called the plant")
    assert found["history"] == [
        OPENED,
        {"at": AT, "actor": "kam-a", "act": "acknowledge"},
        {"at": AT, "actor": "kam-a", "act": "snooze", **snooze},
        {"at": AT, "actor": "kam-a", "act": "resolve", **resolve},
    ]


def test_the_first_work_on_a_run_is_in_its_alerts_history_and_all_of_it_in_the_runs(api):
    api.make.run("r1", "ACC-1", alert_id="a1")
    kam = api.client("kam", "kam-a")
    for task in ("visit", "call"):
        kam.post(f"/v1/playbook-runs/r1/tasks/{task}/complete")
    kam.post("/v1/playbook-runs/r1/close", json={"outcome": "accepted_risk", "note": "small"})
    work = {"at": AT, "actor": "kam-a", "act": "work", "task_id": "visit", "run_id": "r1"}
    assert kam.get("/v1/alerts/a1").json()["history"] == [OPENED, work]
    run = kam.get("/v1/playbook-runs/r1").json()
    assert run["note"] == "small"
    assert run["history"] == [
        {"at": AT, "actor": MACHINE, "act": "start"},
        {"at": AT, "actor": "kam-a", "act": "complete_task", "task_id": "visit"},
        {"at": AT, "actor": "kam-a", "act": "complete_task", "task_id": "call"},
        {"at": AT, "actor": "kam-a", "act": "close", "outcome": "accepted_risk", "note": "small"},
    ]
    (listed,) = kam.get("/v1/playbook-runs").json()["items"]
    assert listed == run


def test_a_run_started_by_hand_says_by_whom(api):
    api.make.score("ACC-1")
    body = {"playbook": "value_dossier", "account_id": "ACC-1"}
    key = {"Idempotency-Key": "once"}
    manager = api.client("manager")
    run = manager.post("/v1/playbook-runs", json=body, headers=key).json()
    assert manager.post("/v1/playbook-runs", json=body, headers=key).json() == run
    (began,) = run["history"]
    assert (began["act"], began["at"]) == ("start", AT)
    assert began["actor"] not in {None, MACHINE}


def test_what_the_machine_did_is_told_with_its_reason(api):
    day = timedelta(days=1)
    make, admin = api.make, api.client()
    make.alert("muted", "ACC-1", suppressed_reason="season")
    make.alert("gone", "ACC-1", resolved_at=NOW, outcome="recovered_alone")
    make.alert("late", "ACC-1", opened_at=NOW - 46 * day, expires_at=NOW - day)
    make.run("r1", "ACC-1", alert_id="late")
    make.run_act("r1", "close", actor=MACHINE, outcome="abandoned", note="alert_expired")

    def last(path):
        return admin.get(path).json()["history"][-1]

    assert last("/v1/alerts/muted") == {
        "at": None, "actor": MACHINE, "act": "suppress", "reason": "season",
    }  # fmt: skip
    assert last("/v1/alerts/gone") == {
        "at": AT, "actor": MACHINE, "act": "resolve", "outcome": "recovered_alone",
    }  # fmt: skip
    assert admin.get("/v1/alerts/gone").json()["outcome"] == "recovered_alone"
    assert last("/v1/alerts/late") == {
        "at": "2026-03-09T12:00:00Z", "actor": MACHINE, "act": "expire",
    }  # fmt: skip
    assert last("/v1/playbook-runs/r1") == {
        "at": AT, "actor": MACHINE, "act": "close", "outcome": "abandoned",
        "reason": "alert_expired",
    }  # fmt: skip


def test_a_list_of_alerts_stays_without_histories(api):
    (listed,) = api.client().get("/v1/alerts").json()["items"]
    assert "history" not in listed


def test_what_was_not_done_when_its_run_closed_is_cancelled(api):
    api.make.run("r1", "ACC-1")
    admin = api.client()
    admin.post("/v1/playbook-runs/r1/tasks/call/complete")
    closed = admin.post("/v1/playbook-runs/r1/close", json={"outcome": "completed"}).json()
    assert [task["state"] for task in closed["tasks"]] == ["completed", "cancelled"]


def test_a_run_is_closed_in_the_answer_after_its_alert_was_resolved(api):
    api.make.run("r1", "ACC-1", alert_id="a1")
    kam = api.client("kam", "kam-a")
    kam.post("/v1/alerts/a1/resolve", json={"outcome": "recovered_by_action"})
    run = kam.get("/v1/playbook-runs/r1").json()
    said = run["state"], run["outcome"], run["closed_because"]
    assert said == ("closed", "recovered_by_action", "alert_resolved")
    assert {task["state"] for task in run["tasks"]} == {"cancelled"}
    assert kam.get("/v1/playbook-runs", params={"state": "active"}).json()["items"] == []


def test_the_page_shows_no_running_playbook_once_its_alert_is_resolved(api):
    api.make.run("r1", "ACC-1", alert_id="a1")
    kam = api.client("kam", "kam-a")
    form = {"version": "1", "outcome": "recovered_by_action", "note": ""}
    page = kam.post("/alerts/a1/resolve", data=form, follow_redirects=True).text
    assert "No playbook is running." in page
    assert "its alert was resolved" in page


class Away(RunCommands):
    """Commands whose database does not answer."""

    def end_runs_of(self, alert_id):
        raise OperationalError("SELECT 1", {}, Exception("locked"))


def test_an_alert_is_resolved_also_where_its_runs_cannot_end_yet(sqlite_url):
    with running_api(sqlite_url, commands=Away) as api:
        api.make.account("ACC-1")
        api.make.alert("a1", "ACC-1")
        answer = api.client().post("/v1/alerts/a1/resolve", json={"outcome": "false_alarm"})
        assert (answer.status_code, answer.json()["state"]) == (200, "resolved")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("the account went into another one", "took it up again: merge taken back")),
        ("vi", ("khách hàng đã được gộp vào khách hàng khác", "mở lại: đã hủy gộp")),
        ("pt", ("a conta foi incorporada em outra", "retomou: incorporação desfeita")),
    ],
)
def test_an_end_that_was_taken_back_stays_in_the_history(api, language, said):
    end = {"outcome": "explained_change", "because": "merged"}
    end |= {"at": "2026-03-09T18:00:00+00:00", "back_at": "2026-03-10T06:00:00+00:00"}
    api.make.alert("back", "ACC-1", scope_key="back", past_ends=[end])
    client = api.client()
    ended, back = client.get("/v1/alerts/back").json()["history"][1:]
    machine = {"actor": MACHINE}
    assert ended == machine | {
        "at": "2026-03-09T18:00:00Z", "act": "resolve", "outcome": "explained_change",
        "reason": "account_merged",
    }  # fmt: skip
    assert back == machine | {
        "at": "2026-03-10T06:00:00Z",
        "act": "reopen",
        "reason": "merge_undone",
    }
    page = client.get("/accounts/ACC-1", headers={"accept-language": language}).text
    assert all(one in page for one in said)
