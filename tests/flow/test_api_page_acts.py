"""The page's forms: what is refused says why, and nothing of what was written is lost."""

import re
from datetime import timedelta

import pytest

from services.signals.runs import RunCommands
from tests.support.api import running_api
from tests.support.factories import NOW

SNOOZE = {"version": "1", "choice": "week", "day": "", "reason": "Plant closed"}
RESOLVE = {"version": "1", "outcome": "false_alarm", "note": ""}


@pytest.fixture
def api(sqlite_url):
    with running_api(sqlite_url, commands=RunCommands) as running:
        running.make.account("ACC-1")
        running.make.alert("a1", "ACC-1")
        running.make.run("r1", "ACC-1", alert_id="a1")
        yield running


@pytest.mark.parametrize(
    ("act", "form", "state"),
    [("snooze", SNOOZE, "snoozed"), ("resolve", RESOLVE, "resolved"),
     ("acknowledge", {}, "acknowledged")],
)  # fmt: skip
def test_a_form_that_is_right_leads_back_to_the_account(api, act, form, state):
    kam = api.client("kam", "kam-a")
    answer = kam.post(f"/alerts/a1/{act}", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/accounts/ACC-1?did={act}")
    assert kam.get("/v1/alerts/a1").json()["state"] == state
    assert 'role="status"' in kam.get(answer.headers["location"]).text


def test_an_account_whose_alerts_are_all_snoozed_needs_nobody_until_they_wake(api):
    kam = api.client("kam", "kam-a")
    assert "/accounts/ACC-1" in needing(kam)
    kam.post("/alerts/a1/snooze", data=SNOOZE)
    assert "/accounts/ACC-1" not in needing(kam)
    api.make.alert("a2", "ACC-1")
    api.make.run("r2", "ACC-1", alert_id="a2", tasks=["visit"])
    shown = needing(kam)
    assert "Visit the logistics manager" in shown
    assert "Call the logistics manager" not in shown  # of the snoozed one, though due earlier


def test_who_takes_up_a_snoozed_alert_has_it_on_the_first_page_again(api):
    kam = api.client("kam", "kam-a")
    assert "Take it up now" not in kam.get("/accounts/ACC-1").text
    kam.post("/alerts/a1/snooze", data=SNOOZE)
    assert "Take it up now" in kam.get("/accounts/ACC-1").text
    kam.post("/alerts/a1/acknowledge")
    assert "/accounts/ACC-1" in needing(kam)


def needing(client):
    """Return the part of the first page that says who needs somebody."""
    return client.get("/").text.split('id="all"')[0]


@pytest.mark.parametrize(
    ("act", "form", "said"),
    [
        ("snooze", SNOOZE | {"day": "2026-03-09"}, "choose a day that lies ahead"),
        ("snooze", SNOOZE | {"day": "soon"}, "choose a day that lies ahead"),
        ("snooze", SNOOZE | {"choice": ""}, "choose a day that lies ahead"),
        ("snooze", SNOOZE | {"reason": " "}, "give a reason"),
        ("snooze", SNOOZE | {"reason": "x" * 501}, "give a reason"),
        ("resolve", RESOLVE | {"outcome": ""}, "choose an outcome"),
        ("resolve", RESOLVE | {"outcome": "renewed"}, "choose an outcome"),
        ("resolve", RESOLVE | {"note": "x" * 4001}, "a note has at most"),
    ],
)
def test_a_field_that_is_wrong_is_said_beside_the_form(api, act, form, said):
    kam = api.client("kam", "kam-a")
    answer = kam.post(f"/alerts/a1/{act}", data=form)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert '<details class="act" open>' in answer.text
    assert kam.get("/v1/alerts/a1").json()["version"] == 1


def test_a_form_of_a_state_that_has_changed_is_not_acted_on_and_keeps_its_words(api):
    kam = api.client("kam", "kam-a")
    api.client("manager").post("/v1/alerts/a1/acknowledge")
    answer = kam.post("/alerts/a1/snooze", data=SNOOZE | {"reason": "<Tết> & more"})
    assert (answer.status_code, "has changed since you opened this page" in answer.text) == (
        409, True,
    )  # fmt: skip
    assert 'value="&lt;Tết&gt; &amp; more"' in answer.text
    assert kam.get("/v1/alerts/a1").json()["state"] == "acknowledged"


def test_who_did_not_see_that_it_was_snoozed_meanwhile_does_not_end_the_snooze(api):
    kam = api.client("kam", "kam-a")
    drawn = re.search(r'acknowledge"><input type="hidden" name="state" value="(\w+)">',
                      kam.get("/accounts/ACC-1").text)[1]  # fmt: skip
    until = (NOW + timedelta(days=30)).isoformat()
    api.client("manager").post("/v1/alerts/a1/snooze", json={"until": until, "reason": "Tết"})
    stale = kam.post("/alerts/a1/acknowledge", data={"state": drawn})
    assert (stale.status_code, "has changed since" in stale.text) == (409, True)
    assert kam.get("/v1/alerts/a1").json()["state"] == "snoozed"
    seen = kam.post("/alerts/a1/acknowledge", data={"state": "snoozed"})
    assert seen.headers["location"] == "/accounts/ACC-1?did=acknowledge"


@pytest.mark.parametrize("act", ["acknowledge", "snooze", "resolve"])
def test_what_has_ended_meanwhile_is_told_as_ended(api, act):
    kam = api.client("kam", "kam-a")
    kam.post("/v1/alerts/a1/resolve", json={"outcome": "lost"})
    answer = kam.post(f"/alerts/a1/{act}", data=SNOOZE | RESOLVE)
    assert (answer.status_code, "it has ended meanwhile" in answer.text) == (409, True)


def test_a_run_is_closed_as_it_was_seen(api):
    kam = api.client("kam", "kam-a")
    form = {"seen": "1", "outcome": "recovered_by_action", "note": "They book again.\r\nWeekly."}
    kam.post("/playbook-runs/r1/tasks/call/complete")
    stale = kam.post("/playbook-runs/r1/close", data=form)
    assert (stale.status_code, "has changed since" in stale.text) == (409, True)
    wrong = kam.post("/playbook-runs/r1/close", data=form | {"seen": "2", "outcome": "renewed"})
    assert (wrong.status_code, "choose an outcome" in wrong.text) == (422, True)
    closed = kam.post("/playbook-runs/r1/close", data=form | {"seen": "2"})
    assert closed.headers["location"] == "/accounts/ACC-1?did=close"
    run = kam.get("/v1/playbook-runs/r1").json()
    assert (run["state"], run["note"]) == ("closed", "They book again.\nWeekly.")
    other = form | {"seen": "3", "note": "They do not."}
    assert kam.post("/playbook-runs/r1/close", data=other).status_code == 409


def test_a_run_without_an_alert_closes_on_the_page_with_an_outcome_of_its_playbook(api):
    api.make.run("r2", "ACC-1", playbook="value_dossier")
    kam = api.client("kam", "kam-a")
    form = kam.get("/accounts/ACC-1").text.split("/playbook-runs/r2/close")[1].split("</form>")[0]
    assert re.findall('<option value="([a-z_]+)"', form) == ["completed", "abandoned"]
    wrong = kam.post("/playbook-runs/r2/close", data={"seen": "1", "outcome": "lost"})
    assert (wrong.status_code, "choose an outcome" in wrong.text) == (422, True)
    kam.post("/playbook-runs/r2/close", data={"seen": "1", "outcome": "abandoned"})
    run = kam.get("/v1/playbook-runs/r2").json()
    assert (run["state"], run["outcome"]) == ("closed", "abandoned")


def test_a_run_of_a_playbook_that_is_no_more_closes_with_any_outcome(api):
    api.make.run("r2", "ACC-1", playbook="of_old")
    kam = api.client("kam", "kam-a")
    kam.post("/playbook-runs/r2/close", data={"seen": "1", "outcome": "renewed"})
    assert kam.get("/v1/playbook-runs/r2").json()["outcome"] == "renewed"


@pytest.mark.parametrize(
    "path", ["alerts/a1/resolve", "alerts/a1/snooze", "playbook-runs/r1/close"]
)
def test_who_may_not_act_has_no_forms_and_is_refused(api, path):
    viewer, stranger = api.client("viewer"), api.client("kam", "kam-b")
    page = viewer.get("/accounts/ACC-1").text
    assert "<form" not in page
    assert viewer.post(f"/{path}", data=RESOLVE).status_code == 403
    assert stranger.post(f"/{path}", data=RESOLVE).status_code == 404


def test_the_page_tells_what_was_done_and_by_whom(api):
    kam = api.client("kam", "kam-a")
    kam.post("/v1/alerts/a1/acknowledge")
    api.make.alert("a2", "ACC-1", suppressed_reason="season")
    page = kam.get("/accounts/ACC-1").text
    assert "<b>Leadline</b> opened it" in page
    assert "<b>Kam-A</b> acknowledged it" in page


def test_on_the_event_clock_tomorrow_is_the_day_after_the_last_of_the_data(sqlite_url):
    with running_api(sqlite_url, clock="event") as api:
        api.clock.at = NOW.replace(hour=0)
        api.make.account("ACC-1", time_zone="Asia/Ho_Chi_Minh")
        api.make.alert("a1", "ACC-1")
        kam = api.client("kam", "kam-a")
        page = kam.get("/accounts/ACC-1").text
        assert "9 Mar 2026, 24:00 UTC" in page
        assert 'Tomorrow <span class="quiet">(10 Mar 2026, 23:59 UTC)' in page
        assert 'min="2026-03-11"' in page  # the first day whose beginning lies ahead
        kam.post("/alerts/a1/snooze", data=SNOOZE | {"choice": "tomorrow", "day": ""})
        assert "Snoozed until 10 Mar 2026, 23:59 UTC:" in kam.get("/accounts/ACC-1").text
        api.clock.at += timedelta(days=1)
        assert kam.get("/v1/alerts/a1").json()["state"] == "open"


def test_on_the_wall_clock_tomorrow_is_the_accounts_own(api):
    api.make.account("ACC-2", time_zone="Asia/Ho_Chi_Minh")
    api.make.alert("a2", "ACC-2")
    api.clock.at = NOW.replace(hour=18)  # past midnight there
    kam = api.client("kam", "kam-a")
    page = kam.get("/accounts/ACC-2").text
    assert 'Tomorrow <span class="quiet">(12 Mar 2026, 01:00 UTC+7)' in page
    kam.post("/alerts/a2/snooze", data=SNOOZE | {"choice": "tomorrow", "day": ""})
    assert "Snoozed until 12 Mar 2026, 01:00 UTC+7:" in kam.get("/accounts/ACC-2").text


@pytest.mark.parametrize(
    ("zone", "first", "begins"),
    [
        ("America/Sao_Paulo", "2026-03-11", "11 Mar 2026, 00:00 UTC-3"),
        ("Asia/Ho_Chi_Minh", "2026-03-12", "12 Mar 2026, 00:00 UTC+7"),
    ],
)
def test_on_the_wall_clock_a_day_that_is_filled_in_is_the_accounts_own(api, zone, first, begins):
    api.make.account("ACC-2", time_zone=zone)
    api.make.alert("a2", "ACC-2")
    api.clock.at = NOW.replace(hour=18)
    kam = api.client("kam", "kam-a")
    assert f'min="{first}"' in kam.get("/accounts/ACC-2").text
    kam.post("/alerts/a2/snooze", data=SNOOZE | {"day": first})
    assert f"Snoozed until {begins}:" in kam.get("/accounts/ACC-2").text


def test_on_the_event_clock_the_page_says_by_which_moment_things_are_due(sqlite_url):
    with running_api(sqlite_url, clock="event") as api:
        api.make.account("ACC-1")
        api.make.alert("a1", "ACC-1", due_at=NOW - timedelta(days=1))
        client = api.client()
        for path in ("/accounts/ACC-1", "/"):
            assert "Time here ends with the data" in client.get(path).text


def test_the_history_names_people_and_keys_as_roles_and_never_a_bare_key(api):
    make, kam, manager = api.make, api.client("kam", "kam-b"), api.client("manager")
    make.account("ACC-9", kam="kam-b", kam_name="Bình")
    make.alert("a9", "ACC-9", owner_id="kam-a", owner_name="Kam-A")  # by who had it before
    kam.post("/v1/alerts/a9/acknowledge")
    make.account("ACC-9b", kam="kam-x")  # the account goes on to another KAM
    manager.post("/alerts/a9/snooze", data=SNOOZE | {"version": "2"})
    (snoozed,) = (
        one for one in manager.get("/v1/alerts/a9").json()["history"] if one["act"] == "snooze"
    )
    page = manager.get("/accounts/ACC-9").text
    assert "<b>Bình</b> acknowledged it" in page
    assert f"<b>Manager (key {snoozed['actor']})</b> snoozed it until" in page
