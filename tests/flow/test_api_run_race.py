"""What is asked of a run holds until the command has done its work, not only until it begins."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from services.signals.runs import RunCommands
from tests.support.api import running_api


class Overtaken(RunCommands):
    """The real commands, with somebody faster between the check and the command."""

    def complete_task(self, run_id, task_id, *, actor, expected=None):
        super().complete_task(run_id, "visit", actor="faster")
        super().complete_task(run_id, task_id, actor=actor, expected=expected)

    def close_run(self, run_id, outcome, note, *, actor, expected=None):
        super().complete_task(run_id, "visit", actor="faster")
        super().close_run(run_id, outcome, note, actor=actor, expected=expected)


@pytest.fixture(params=[RunCommands, Overtaken])
def raced(request, database_url):
    with running_api(database_url, commands=request.param) as api:
        api.make.account("ACC-1")
        api.make.run("r1", "ACC-1")
        yield api.client("admin"), request.param is Overtaken


@pytest.mark.parametrize(
    ("path", "body"),
    [("/tasks/call/complete", None), ("/close", {"outcome": "completed"})],
)
def test_a_state_that_changed_meanwhile_is_not_acted_on(raced, path, body):
    client, overtaken = raced
    tag = client.get("/v1/playbook-runs/r1").headers["etag"]
    answer = client.post(f"/v1/playbook-runs/r1{path}", json=body, headers={"If-Match": tag})
    assert answer.status_code == (409 if overtaken else 200), answer.text
    run = client.get("/v1/playbook-runs/r1").json()
    states = {task["task_id"]: task["state"] for task in run["tasks"]}
    if overtaken:
        assert (run["state"], states) == ("active", {"call": "open", "visit": "completed"})
    else:
        assert run["state"] == "closed" or states["call"] == "completed"
    again = client.post(f"/v1/playbook-runs/r1{path}", json=body, headers={"If-Match": tag})
    assert again.status_code == 409


def test_without_if_match_the_later_one_counts(raced):
    client, _ = raced
    answer = client.post("/v1/playbook-runs/r1/tasks/call/complete")
    assert (answer.status_code, answer.json()["tasks"][0]["state"]) == (200, "completed")


START = {"playbook": "executive_review", "account_id": "ACC-1"}


@pytest.fixture
def api(database_url):
    with running_api(database_url, commands=RunCommands) as running:
        running.make.account("ACC-1")
        running.make.score("ACC-1")
        yield running


def test_who_sends_a_key_has_a_run_for_each_key(api):
    admin = api.client("admin")
    keys = ("monday", "monday", "tuesday")
    answers = [
        admin.post("/v1/playbook-runs", json=START, headers={"Idempotency-Key": key})
        for key in keys
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    first, again, other = (answer.json()["run_id"] for answer in answers)
    assert first == again != other


def test_a_playbook_that_runs_on_an_account_is_not_started_there_again_without_a_key(api):
    api.make.run("r1", "ACC-1")
    admin = api.client("admin")
    refused = admin.post("/v1/playbook-runs", json=START)
    assert refused.status_code == 409
    assert "as run r1: close that one first" in refused.json()["detail"]
    assert admin.post("/v1/playbook-runs", json=START | {"playbook": "value_dossier"}).is_success
    admin.post("/v1/playbook-runs/r1/close", json={"outcome": "completed"})
    assert admin.post("/v1/playbook-runs", json=START).status_code == 201


def test_of_several_starts_at_the_same_time_without_a_key_one_is_done(api):
    token, together = api.token("admin"), Barrier(5)

    def start(_):
        client = api.client(token=token)
        together.wait()
        return client.post("/v1/playbook-runs", json=START).status_code

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(start, range(5))) == [201, 409, 409, 409, 409]
