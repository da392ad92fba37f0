"""A card speaks of one alert, and of how far the playbook of that alert has come."""

import re
from datetime import timedelta

import pytest

from tests.support.factories import NOW

DAY = timedelta(days=1)
RUNS = (
    "Its playbook has not begun: “Special executive review” is running on this account since "
    "10 Mar 2026."
)
WAITS = f"{RUNS} It begins once that one is closed."
CALL = "Next action Call the logistics manager"


@pytest.fixture
def page(api):
    """Return the text of a page; the account's worst alert is of a complaint, another of risk."""
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1", due_at=NOW + DAY)
    api.make.alert(
        "a2", "ACC-1", type="complaint", band="critical", playbook="service_recovery",
        reason_text="Severe complaint T-88", due_at=NOW + 2 * DAY,
    )  # fmt: skip
    client = api.client("manager")
    return lambda path="/": " ".join(re.sub(r"<[^>]+>", "", client.get(path).text).split())


def test_a_card_says_for_what_its_playbook_waits(api, page):
    api.make.run("r1", "ACC-1", alert_id="a1")
    first = page()
    assert "Severe complaint T-88" in first
    assert f"{CALL} due 11 Mar 2026, 12:00 UTC {WAITS}" in first
    assert page("/accounts/ACC-1").count(WAITS) == 1


def test_what_is_put_off_is_not_the_next_action_of_what_waits_for_it(api, page):
    api.make.run("r1", "ACC-1", alert_id="a1")
    until = (NOW + 9 * DAY).isoformat()
    snoozed = {"until": until, "reason": "Plant closed"}
    api.client("manager").post("/v1/alerts/a1/snooze", json=snoozed)
    first = page()
    assert CALL not in first
    assert f"Next action {WAITS} due 12 Mar 2026, 12:00 UTC" in first


def test_what_runs_is_to_be_closed_before_what_waits_begins(api, page):
    api.make.run("r1", "ACC-1", alert_id="a1", tasks=["call"])
    api.make.run_act("r1", "complete_task", task_id="call")
    said = "Every task of “Special executive review” is done: close it with its outcome."
    assert f"Next action {said} due 12 Mar 2026, 12:00 UTC {WAITS}" in page()


def test_nothing_promises_a_playbook_that_would_begin_too_soon_after_the_same_one(api, page):
    api.make.alert("a3", "ACC-1", due_at=NOW)  # its playbook is the one that runs, and cools down
    api.make.run("r1", "ACC-1", alert_id="a1")
    account = page("/accounts/ACC-1")
    assert (account.count(RUNS), account.count(WAITS)) == (2, 1)
    api.clock.at = NOW + 14 * DAY
    assert page("/accounts/ACC-1").count(WAITS) == 2


def test_a_playbook_that_ran_here_lately_says_why_it_does_not_begin_again(api, page):
    api.make.alert("a3", "ACC-1", due_at=NOW)
    api.make.run("r1", "ACC-1", alert_id="a1")
    api.client("manager").post("/v1/playbook-runs/r1/close", json={"outcome": "false_alarm"})
    api.clock.at = NOW + DAY
    said = "no other is running. It ran here lately, so it does not begin again by itself"
    assert page("/accounts/ACC-1").count(said) == 1
    api.clock.at = NOW + 14 * DAY
    assert "It ran here lately" not in page("/accounts/ACC-1")


def test_both_pages_say_the_same_next_action_with_the_date_of_its_task(api, page):
    api.make.run("r2", "ACC-1", alert_id="a2", tasks=["call"])
    for path in ("/", "/accounts/ACC-1"):
        said = page(path)
        assert f"{CALL} due 11 Mar 2026, 12:00 UTC" in said, path
        assert "first action on the alert by" not in said, path  # that has another day


def test_a_task_does_not_hide_that_its_alert_wants_a_first_action_sooner(api, page):
    api.make.alert(
        "a4", "ACC-1", type="stakeholder", band="critical", due_at=NOW, reason_text="Sponsor left"
    )
    api.make.run("r4", "ACC-1", alert_id="a4")
    both = f"{CALL} due 11 Mar 2026, 12:00 UTC, first action on the alert by 10 Mar 2026, 12:00 UTC"
    assert both in page()
    assert both in page("/accounts/ACC-1")
    api.client("manager").post("/v1/playbook-runs/r4/tasks/call/complete")
    api.client("manager").post("/v1/alerts/a2/resolve", json={"outcome": "false_alarm"})
    assert "first action on the alert by" not in page()  # somebody has begun


def test_what_an_alert_had_begun_before_it_ended_is_not_its_playbook_now(api, page):
    api.make.run("r1", "ACC-1", alert_id="a1")
    api.make.run("r2", "ACC-1", alert_id="a2")
    api.make.run_act(
        "r2", "close", outcome="recovered_alone", note="alert_resolved", actor="leadline"
    )
    first = page()
    assert "Its playbook is closed" not in first
    assert WAITS in first


def test_a_playbook_with_nothing_left_to_do_is_to_be_closed(api, page):
    api.make.run("r2", "ACC-1", alert_id="a2", tasks=["call"])
    assert CALL in page()
    api.make.run_act("r2", "complete_task", task_id="call")
    said = "Every task of “Special executive review” is done: close it with its outcome."
    assert said in page()
    assert said in page("/accounts/ACC-1")


def test_what_was_freed_just_now_begins_in_a_moment(api, page):
    api.make.run("r1", "ACC-1", alert_id="a1")
    client, said = api.client("manager"), "Its playbook begins in a moment"
    client.post("/v1/playbook-runs/r1/close", json={"outcome": "false_alarm"})
    account = page("/accounts/ACC-1")
    assert account.count(said) == 1  # a2: that of a1 has run
    assert "Its playbook has not begun" not in account
    assert "Next action service recovery" in page()
    api.clock.at = NOW + timedelta(minutes=2)
    account = page("/accounts/ACC-1")
    assert said not in account
    assert "Its playbook has not begun" in account


def test_a_card_has_the_state_of_its_alert(api, page):
    api.client("manager").post("/v1/alerts/a2/acknowledge")
    first = page()
    assert (
        "(said when it opened on 9 Mar 2026, the alert last changed on 10 Mar 2026) acknowledged"
        in first
    )


def test_an_alert_in_progress_is_overdue_once_its_next_task_is(api, page):
    api.make.run("r2", "ACC-1", alert_id="a2")
    api.make.run_act("r2", "complete_task", task_id="call")
    api.clock.at = NOW + timedelta(days=2, hours=1)
    api.client("manager").post("/v1/alerts/a1/resolve", json={"outcome": "false_alarm"})
    assert page().count("overdue") == 1
    account = page("/accounts/ACC-1")
    assert account.count("overdue") == 2  # the alert, and the task
    api.make.run_act("r2", "close", outcome="partial_loss")
    assert page("/accounts/ACC-1").count("overdue") == 1  # what is left is to decide on it


def test_a_playbook_is_found_though_its_account_has_had_very_many(api, page):
    for back in range(120):
        name, before = f"b{back:03}", NOW - (30 + back) * DAY
        api.make.run(name, "ACC-1", playbook="value_dossier", started_at=before, tasks=())
        api.make.run_act(name, "close", outcome="completed", at=before + DAY)
    api.make.run("r2", "ACC-1", alert_id="a2", tasks=["call"])
    assert CALL in page()
    account = page("/accounts/ACC-1")
    assert "no other is running" not in account
    assert "Complete Call the logistics manager" in account
    assert "Earlier runs (99)" in account  # the latest, beside what runs


def taken_up_again(because=None):
    """What the machine keeps of an end that it took back an hour ago."""
    times = {"at": NOW - 2 * DAY, "back_at": NOW - timedelta(hours=1)}
    ends = {name: at.isoformat() for name, at in times.items()}
    return [ends | {"because": because, "outcome": "recovered_alone"}]


def test_what_a_person_closed_before_the_alert_was_taken_up_again_is_not_its_playbook_now(api):
    api.make.account("ACC-2")
    api.make.alert("a5", "ACC-2", opened_at=NOW - 9 * DAY, past_ends=taken_up_again())
    api.make.run("r5", "ACC-2", alert_id="a5", started_at=NOW - 9 * DAY)
    api.make.run_act("r5", "close", outcome="recovered_by_action", at=NOW - 3 * DAY)
    client = api.client("manager")
    said = "A run of it that began before the alert was taken up again is closed."
    assert "Its playbook is closed" not in client.get("/").text
    account = client.get("/accounts/ACC-2").text
    assert f"Its playbook has not begun, and no other is running. {said}" in account
    assert 'action="/alerts/a5/start"' in account
    api.make.run("r6", "ACC-2", alert_id="a5")
    assert said not in client.get("/accounts/ACC-2").text
    api.make.run_act("r6", "close", outcome="partial_loss")
    assert "Its playbook is closed" in client.get("/").text


def test_what_a_person_closed_stays_closed_where_a_merge_had_ended_the_alert(api):
    api.make.account("ACC-2")
    api.make.alert("a5", "ACC-2", opened_at=NOW - 9 * DAY, past_ends=taken_up_again("merged"))
    api.make.run("r5", "ACC-2", alert_id="a5", started_at=NOW - 9 * DAY)
    api.make.run_act("r5", "close", outcome="recovered_by_action", at=NOW - 3 * DAY)
    assert "Its playbook is closed" in api.client("manager").get("/").text
