"""`If-Match` on a run holds until the command has done its work, not only until it begins."""

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
