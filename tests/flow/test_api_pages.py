"""The pages as HTML: who may not read them is told how to get in; what is past is folded."""

from datetime import timedelta

import pytest

from services.api.keys import create_key
from tests.support.factories import NOW


@pytest.mark.parametrize("path", ["/", "/accounts/ACC-1", "/accounts/none"])
@pytest.mark.parametrize("cookie", [None, "ll_x_wrong"])
def test_a_page_without_a_key_that_holds_says_how_to_get_in(api, path, cookie):
    headers = {"Cookie": f"leadline_token={cookie}"} if cookie else {}
    answer = api.client(None).get(path, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (
        401,
        "text/html; charset=utf-8",
    )
    assert '<label for="token">Key</label>' in answer.text
    assert "leadline keys create" in answer.text
    assert "does not hold" not in answer.text
    assert "no-store" in answer.headers["cache-control"]


def test_a_key_that_ended_asks_to_sign_in_again(api):
    token = create_key(api.database, api.clock, role="viewer", days=1).token
    cookie, client = {"Cookie": f"leadline_token={token}"}, api.client(None)
    assert client.get("/", headers=cookie).status_code == 200
    api.clock.at += timedelta(days=1)
    api.clock.passed += 3
    answer = client.get("/", headers=cookie)
    assert (answer.status_code, "does not hold" in answer.text) == (401, False)


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/accounts/ACC-1", "/v1/status"])
def test_programs_get_a_problem(api, path):
    answer = api.client(None).get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (
        401,
        "application/problem+json",
    )


def test_an_unknown_account_and_a_small_role_are_pages_too(api):
    api.make.account("ACC-1", kam="kam-a")
    missing = api.client("kam", "kam-b").get("/accounts/ACC-1")
    assert (missing.status_code, "There is no account" in missing.text) == (404, True)
    small = api.client("service").get("/")
    assert (small.status_code, "may not do this" in small.text) == (403, True)
    assert "text/html" in small.headers["content-type"]


def test_a_name_in_a_refusal_is_only_text(api):
    answer = api.client().get("/accounts/<script>alert(1)<%2Fscript>")
    assert answer.status_code == 404
    assert "<script" not in answer.text


def test_the_pages_say_as_of_when_the_scores_are(api):
    client = api.client("viewer")
    assert "No account has a score yet" in client.get("/").text
    api.make.account("ACC-1")
    api.make.score("ACC-1", as_of=NOW - timedelta(hours=3, minutes=15))
    page = client.get("/").text
    assert "10 Mar 2026, 08:45 UTC" in page
    assert "Risk (0-100)" in page
    assert "10 Mar 2026, 08:45 UTC" in client.get("/accounts/ACC-1").text


def test_what_is_past_is_folded_with_its_outcome(api):
    admin = api.client()
    api.make.account("ACC-1")
    for run in ("r-closed", "s-active"):
        api.make.run(run, "ACC-1")
    admin.post("/v1/playbook-runs/r-closed/close", json={"outcome": "renewed_reduced"})
    api.make.alert("a1", "ACC-1")
    admin.post("/v1/alerts/a1/resolve", json={"outcome": "accepted_risk"})
    api.make.alert("a2", "ACC-1", resolved_at=NOW, outcome="recovered_alone")
    page = admin.get("/accounts/ACC-1").text
    assert "(Risk accepted: we do not act)" in page
    assert "(Recovered by itself)" in page
    active, _, earlier = page.partition("Earlier runs (1)")
    assert "/playbook-runs/s-active/" in active
    assert "Renewed with less business" in earlier
    assert "/playbook-runs/r-closed/" not in page


def test_what_is_overdue_says_so(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1", due_at=NOW - timedelta(hours=1))
    api.make.run("r1", "ACC-1", alert_id="a1", tasks=("call", "visit"))
    client = api.client()
    assert client.get("/accounts/ACC-1").text.count("overdue") == 1  # the alert
    assert client.get("/").text.count("overdue") == 1  # the card speaks of the same alert
    api.clock.at = NOW + timedelta(days=1, seconds=1)
    assert client.get("/accounts/ACC-1").text.count("overdue") == 2  # the call as well
    assert client.get("/").text.count("overdue") == 1
    client.post("/v1/playbook-runs/r1/tasks/call/complete")
    # The call is done, and with it the first action that was due on the alert.
    assert client.get("/accounts/ACC-1").text.count("overdue") == 0


def test_an_alert_whose_play_waits_for_another_says_so(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    api.make.alert("a2", "ACC-1", type="volume_erosion", reason_code="volume_erosion")
    client, said = api.client(), "“Special executive review” is running on this account since"
    assert said not in client.get("/accounts/ACC-1").text
    api.make.run("r1", "ACC-1", alert_id="a1")
    assert client.get("/accounts/ACC-1").text.count(said) == 1
    client.post("/v1/playbook-runs/r1/close", json={"outcome": "false_alarm"})
    assert said not in client.get("/accounts/ACC-1").text


def test_nothing_is_overdue_of_an_alert_that_is_put_off_or_muted(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    api.make.run("r1", "ACC-1", alert_id="a1")
    api.make.alert("a2", "ACC-1", type="volume_erosion", suppressed_reason="season")
    api.make.run("r2", "ACC-1", alert_id="a2")
    api.make.alert("a3", "ACC-1", type="complaint", due_at=NOW + timedelta(days=20))
    client = api.client()
    until = (NOW + timedelta(days=10)).isoformat()
    client.post("/v1/alerts/a1/snooze", json={"until": until, "reason": "Plant closed"})
    api.clock.at = NOW + timedelta(days=5)
    page = client.get("/accounts/ACC-1").text
    assert "overdue" not in page
    assert "active, put off until 20 Mar 2026, 12:00 UTC" in page
    assert "active, muted: out of season" in page
    first = client.get("/").text
    assert "Call the logistics manager" not in first  # neither of their tasks is the next action
    assert "overdue" not in first
    api.clock.at = NOW + timedelta(days=11)
    page = client.get("/accounts/ACC-1").text
    assert page.count("overdue") == 4  # awake again, what waits for it, and two tasks


@pytest.mark.parametrize(
    ("zone", "language", "said"),
    [
        ("Asia/Ho_Chi_Minh", "vi", "11/03/2026, 19:00 UTC+7"),
        ("America/Sao_Paulo", "pt", "11/03/2026, 09:00 UTC-3"),
        ("Asia/Kolkata", "en", "11 Mar 2026, 17:30 UTC+5:30"),
        ("Nowhere/Land", "en", "11 Mar 2026, 12:00 UTC"),
        (None, "en", "11 Mar 2026, 12:00 UTC"),
    ],
)
def test_what_is_due_has_an_hour_by_the_accounts_clock(api, zone, language, said):
    api.make.account("ACC-1", time_zone=zone)
    api.make.alert("a1", "ACC-1", due_at=NOW + timedelta(days=1))
    api.make.run("r1", "ACC-1", alert_id="a1", tasks=["call"])
    client, headers = api.client("viewer"), {"Accept-Language": language}  # has no forms
    assert client.get("/accounts/ACC-1", headers=headers).text.count(said) == 2
    assert said in client.get("/", headers=headers).text


def test_what_is_left_once_the_playbook_is_closed_is_to_decide_on_the_alert(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    client = api.client()
    assert "Executive review" in client.get("/").text  # its title: none of its runs has begun
    api.make.run("r1", "ACC-1", alert_id="a1")
    client.post("/v1/playbook-runs/r1/close", json={"outcome": "recovered_by_action"})
    page = client.get("/").text
    assert "Its playbook is closed: resolve the alert, or snooze it" in page
    assert "executive review" not in page.lower()


def test_too_little_data_and_a_fact_that_counts_by_itself_do_not_contradict(api):
    api.make.account("ACC-1")
    api.make.score(
        "ACC-1", None, state="insufficient_data", band=None, list=None, curve=None, reasons=[],
        band_floor={"code": "severe_complaint", "event_ids": []},
    )  # fmt: skip
    page = api.client().get("/accounts/ACC-1").text
    assert "raised to" not in page
    assert (
        "Too little data for a score, but this calls for action by itself: "
        "severe complaint beyond its agreed time" in page
    )
