"""A playbook that nothing begins is begun from the page."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.signals.runs import RunCommands
from tests.support.api import running_api

BUTTONS = {"en": "Start playbook", "vi": "Bắt đầu kịch bản", "pt": "Iniciar playbook"}
FORM = 'action="/alerts/a1/start"'


@pytest.fixture
def api(sqlite_url):
    with running_api(sqlite_url, commands=RunCommands) as running:
        running.make.account("ACC-1")
        running.make.score("ACC-1")
        running.make.alert("a1", "ACC-1")
        yield running


@pytest.fixture
def kam(api):
    return api.client("kam", "kam-a")


def runs_of(client):
    return client.get("/v1/playbook-runs").json()["items"]


@pytest.mark.parametrize("language", BUTTONS)
def test_a_playbook_that_nothing_begins_has_a_button_in_each_language(kam, language):
    page = kam.get("/accounts/ACC-1", headers={"Accept-Language": language}).text
    assert FORM in page
    assert f"<button>{BUTTONS[language]}<" in page
    assert "/v1/playbook-runs" not in page


def test_who_presses_it_is_shown_the_run_with_its_tasks(kam):
    answer = kam.post("/alerts/a1/start")
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts/ACC-1?did=start")
    (run,) = runs_of(kam)
    assert (run["playbook"], run["state"]) == ("executive_review", "active")
    assert run["history"][0]["actor"] == "kam-a"
    page = kam.get(answer.headers["location"]).text
    assert 'role="status">The playbook has begun' in page
    assert run["tasks"][0]["title"] in page
    assert FORM not in page


def test_pressing_it_twice_starts_one_run(kam):
    assert [kam.post("/alerts/a1/start").status_code for _ in range(2)] == [303, 303]
    assert len(runs_of(kam)) == 1


def test_pressing_it_at_the_same_moment_starts_one_run(kam):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: kam.post("/alerts/a1/start").status_code, range(4)))
    assert answers == [303] * 4
    (run,) = runs_of(kam)
    assert len({task["task_id"] for task in run["tasks"]}) == len(run["tasks"])


def test_a_playbook_that_has_something_to_wait_for_is_not_begun_beside_it(api, kam):
    api.make.alert("a2", "ACC-1", type="complaint", playbook="service_recovery")
    kam.post("/alerts/a2/start")
    answer = kam.post("/alerts/a1/start")
    assert (answer.status_code, "has changed since you opened" in answer.text) == (409, True)
    assert [run["playbook"] for run in runs_of(kam)] == ["service_recovery"]


def test_a_playbook_of_an_alert_that_has_ended_is_not_begun(kam):
    kam.post("/v1/alerts/a1/resolve", json={"outcome": "lost"})
    answer = kam.post("/alerts/a1/start")
    assert (answer.status_code, "it has ended meanwhile" in answer.text) == (409, True)
    assert runs_of(kam) == []


def test_who_may_not_act_sees_no_button_and_is_refused(api):
    viewer, stranger = api.client("viewer"), api.client("kam", "kam-b")
    assert "<form" not in viewer.get("/accounts/ACC-1").text
    assert viewer.post("/alerts/a1/start").status_code == 403
    assert stranger.post("/alerts/a1/start").status_code == 404


def test_a_playbook_that_is_no_more_has_no_button(api, kam):
    api.make.account("ACC-2")
    api.make.alert("a2", "ACC-2", playbook="of_last_year")
    page = kam.get("/accounts/ACC-2").text
    assert "Its playbook has not begun" in page
    assert re.search(r"/alerts/a2/start", page) is None
    assert kam.post("/alerts/a2/start").status_code == 422
