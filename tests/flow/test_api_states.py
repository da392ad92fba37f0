"""Pages, tags, preconditions and repetitions, as a client meets them."""

import json
from datetime import timedelta

import pytest

from services.api.keys import create_key, list_keys, revoke_key
from shared.domain.alerts import MACHINE
from shared.domain.event_types import EventType
from tests.support.factories import DAY, NOW

SNOOZE = {"until": "2026-03-20T00:00:00Z", "reason": "customer on holiday"}


@pytest.fixture
def admin(api):
    return api.client("admin")


def pages(client, path, **query):
    found, cursor = [], None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = client.get(path, params=query | more)
        assert page.status_code == 200, page.text
        found += page.json()["items"]
        if (cursor := page.json()["next_cursor"]) is None:
            return found


@pytest.mark.parametrize(
    "sort",
    ["id", "-id", "name", "-name", "risk", "-risk", "last_booking_at", "-last_booking_at"],
)
def test_pages_of_any_order_have_every_account_once(api, admin, sort):
    for at in range(7):
        api.make.account(f"ACC-{at}", name=f"N{at % 3}" if at else None)
        if at % 2:
            api.make.score(f"ACC-{at}", at / 10, last_booking_at=NOW - timedelta(days=at % 4))
    found = [one["account_id"] for one in pages(admin, "/v1/accounts", sort=sort, limit=2)]
    assert sorted(found) == [f"ACC-{at}" for at in range(7)]
    assert found == [a["account_id"] for a in pages(admin, "/v1/accounts", sort=sort, limit=500)]


@pytest.mark.parametrize(
    ("merges", "into", "fault"),
    [
        ({}, None, None),
        ({"ACC-1": "ACC-2", "ACC-2": "ACC-3"}, "ACC-3", None),
        ({"ACC-1": "ACC-9"}, "ACC-9", "unknown_account"),
        ({"ACC-1": "ACC-2", "ACC-2": "ACC-1"}, "ACC-2", "circle"),
        ({"ACC-1": "ACC-1"}, "ACC-1", "circle"),
        ({"ACC-1": "ACC-2", "ACC-2": "ACC-3", "ACC-3": "ACC-2"}, "ACC-2", "circle"),
    ],
)
def test_a_merged_account_says_where_it_went(api, admin, merges, into, fault):
    for number, name in enumerate(("ACC-1", "ACC-2", "ACC-3")):
        api.make.account(name, merged_into=merges.get(name))
        api.make.bookings(name, [number + 1], f"/tms/{number}")
    found = admin.get("/v1/accounts/ACC-1").json()
    assert (found["merged_into"], found["merge_fault"]) == (into, fault)
    assert found["facts"]["bookings_total"] == 1
    page = admin.get("/accounts/ACC-1", headers={"accept": "text/html"}).text
    assert ("Merged into" in page) == (into is not None)
    assert ("goes on by itself" in page) == (fault is not None)


def test_an_account_that_is_merged_by_its_status_alone_says_so(api, admin):
    api.make.account("ACC-1", status="merged")
    found = admin.get("/v1/accounts/ACC-1").json()
    assert (found["merged_into"], found["merge_fault"]) == (None, "no_target")
    page = admin.get("/accounts/ACC-1", headers={"accept": "text/html"}).text
    assert "not into which account" in page


def test_an_alert_that_a_merge_ended_says_so(api, admin):
    api.make.account("ACC-1")
    ended = {"resolved_at": NOW, "outcome": "explained_change", "suppressed_reason": "merged"}
    api.make.alert("a1", "ACC-1", **ended)
    found = admin.get("/v1/alerts/a1").json()
    assert (found["state"], found["closed_because"]) == ("resolved", "account_merged")
    page = admin.get("/accounts/ACC-1", headers={"accept": "text/html"}).text
    assert "the account went into another one" in page


def test_accounts_that_can_still_be_kept_are_asked_for_by_state(api, admin):
    for name, state in (("ACC-1", "lost"), ("ACC-2", "scored")):
        api.make.account(name)
        api.make.score(name, 0.9 if state == "lost" else 0.5, state=state)
    found = admin.get("/v1/accounts", params={"state": "scored"}).json()["items"]
    assert [one["account_id"] for one in found] == ["ACC-2"]
    page = admin.get("/", headers={"accept": "text/html"}).text
    assert page.index("/accounts/ACC-2") < page.index("/accounts/ACC-1")


def test_a_stale_state_is_refused_with_what_it_is_by_now(api, admin):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    stale = admin.post("/v1/alerts/a1/acknowledge", headers={"If-Match": '"99"'})
    assert stale.status_code == 409
    assert "it is open by now, version 1" in stale.json()["detail"]


def test_an_account_says_what_is_known_of_it(api, admin):
    api.make.account("ACC-1")
    api.make.score("ACC-1")
    api.make.account("ACC-0", merged_into="ACC-1")
    api.make.bookings("ACC-1", [3, 2])
    api.make.bookings("ACC-0", [1], "/tms/old")
    api.make.evidence("ACC-1", "complaint", "T-1", {"ticket_ref": "T-1", "phase": "opened"})
    api.make.evidence(
        "ACC-1", "contact_change", "c-1",
        {"contact_ref": "c-1", "change": "joined", "influence": "sponsor"},
    )  # fmt: skip
    found = admin.get("/v1/accounts/ACC-1").json()
    assert found["curve"][0] == found["risk"] == 0.62
    assert found["risk_score"] == 62.0
    assert found["kam"] == {"id": "kam-a", "name": "Kam-A"}
    assert found["facts"]["bookings_total"] == 6
    assert found["facts"]["bookings_by_month"] == [
        {"month": "2026-02", "bookings": 3}, {"month": "2026-03", "bookings": 3},
    ]  # fmt: skip
    assert found["facts"]["complaints_open"] == 1
    assert found["facts"]["contacts"][0]["influence"] == "sponsor"
    assert found["facts"]["lanes"][0]["bookings"] == 6
    assert found["as_of"] == "2026-03-10T12:00:00Z"


def test_an_account_never_scored_has_insufficient_data_and_nulls(api, admin):
    api.make.account("ACC-1")
    found = admin.get("/v1/accounts/ACC-1").json()
    assert found["state"] == "insufficient_data"
    assert [found[n] for n in ("risk", "band", "curve", "as_of", "coverage")] == [None] * 5


def test_accounts_are_found_by_name_band_list_and_kam(api, admin):
    api.make.account("ACC-1", name="Porto 100%")
    api.make.account("ACC-2", kam="kam-b")
    api.make.score("ACC-2", band="critical", list="active_at_risk")
    for query, wanted in [
        ({"q": "porto"}, ["ACC-1"]), ({"q": "acc-2"}, ["ACC-2"]), ({"q": "0%"}, ["ACC-1"]),
        ({"q": "_"}, []), ({"band": "critical"}, ["ACC-2"]), ({"list": "going_silent"}, []),
        ({"kam": "kam-b"}, ["ACC-2"]),
    ]:  # fmt: skip
        found = admin.get("/v1/accounts", params=query).json()["items"]
        assert [one["account_id"] for one in found] == wanted, query


def test_the_timeline_tells_each_event_in_a_sentence_oldest_first(api, admin):
    api.make.account("ACC-1")
    for at, kind in enumerate(EventType):
        data = {"phase": "opened", "ticket_ref": "T-1", "booking_ref": "B-1", "ref": "R-1",
                "contact_ref": "c", "change": "left", "teu": 2, "severity": 1}  # fmt: skip
        when = NOW - timedelta(hours=20 - at)
        api.make.event("ACC-1", f"e-{at}", kind, json.dumps(data).encode(), at=when)
    found = pages(admin, "/v1/accounts/ACC-1/timeline", limit=3)
    assert [one["id"] for one in found] == [f"e-{at}" for at in range(11)]
    assert all(one["summary"].endswith(".") for one in found)
    assert found[1]["summary"] == "Booking B-1 opened, 2 TEU."
    for kind in ("complaint", "leadline.complaint.v1"):
        assert len(pages(admin, "/v1/accounts/ACC-1/timeline", type=kind)) == 1
    span = {"from": "2026-03-10T00:00:00Z", "to": "2026-03-10T01:00:00+00:00"}
    assert len(pages(admin, "/v1/accounts/ACC-1/timeline", **span)) == 1


def test_the_signals_of_an_account_are_its_history(api, admin):
    api.make.account("ACC-1")
    for at in range(3):
        api.make.signal("ACC-1", NOW + timedelta(days=at))
    found = pages(admin, "/v1/accounts/ACC-1/signals", limit=1)
    assert [one["as_of"][8:10] for one in found] == ["10", "11", "12"]


def test_the_default_list_leaves_out_pending_and_suppressed_alerts(api, admin):
    api.make.account("ACC-1")
    api.make.alert("a-open", "ACC-1")
    api.make.alert("b-pending", "ACC-1", opened_at=None)
    api.make.alert("c-suppressed", "ACC-1", suppressed_reason="season")
    api.make.alert("d-deferred", "ACC-1", deferred=True)
    api.make.alert("e-resolved", "ACC-1", resolved_at=NOW)

    def ids(**query):
        return [one["alert_id"][0] for one in pages(admin, "/v1/alerts", limit=1, **query)]

    assert ids() == ["a", "d", "e"]
    assert ids(state="pending") == ["b"]
    assert ids(state=["pending", "suppressed"]) == ["b", "c"]
    assert (ids(deferred=True), ids(deferred=False)) == (["d"], ["a", "e"])
    assert ids(account="ACC-2") == []


def test_a_list_and_a_state_are_not_sent_twice(api, admin):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    for path in ("/v1/alerts", "/v1/alerts/a1", "/v1/accounts", "/v1/accounts/ACC-1", "/v1/status",
                 "/v1/sources", "/v1/playbooks", "/v1/dead-letters"):  # fmt: skip
        tag = admin.get(path).headers["etag"]
        again = admin.get(path, headers={"If-None-Match": f'"x", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
    admin.post("/v1/alerts/a1/acknowledge")
    assert admin.get("/v1/alerts", headers={"If-None-Match": tag}).status_code == 200


def test_acts_move_the_alert_and_its_version(api, admin):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    assert admin.post("/v1/alerts/a1/acknowledge").json()["state"] == "acknowledged"
    again = admin.post("/v1/alerts/a1/acknowledge").json()
    assert (again["state"], again["version"]) == ("acknowledged", 2)
    snoozed = admin.post("/v1/alerts/a1/snooze", json=SNOOZE).json()
    assert (snoozed["state"], snoozed["version"]) == ("snoozed", 3)
    api.clock.at = NOW + timedelta(days=30)
    assert admin.get("/v1/alerts/a1").json()["state"] == "acknowledged"
    body = {"outcome": "recovered_by_action", "note": "called"}
    assert admin.post("/v1/alerts/a1/resolve", json=body).json()["state"] == "resolved"
    assert admin.post("/v1/alerts/a1/resolve", json=body).status_code == 409


def test_acknowledging_a_snoozed_alert_ends_the_snooze_and_again_changes_nothing(api, admin):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    admin.post("/v1/alerts/a1/acknowledge")
    admin.post("/v1/alerts/a1/snooze", json=SNOOZE)
    woken = admin.post("/v1/alerts/a1/acknowledge").json()
    assert (woken["state"], woken["snoozed_until"], woken["version"]) == ("acknowledged", None, 4)
    assert woken["history"][-1]["act"] == "acknowledge"
    assert admin.post("/v1/alerts/a1/acknowledge").json() == woken
    assert admin.post("/v1/alerts/a1/snooze", json=SNOOZE).json()["state"] == "snoozed"


def test_a_stale_state_is_not_acted_on(api, admin):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    tag = admin.get("/v1/alerts/a1").headers["etag"]
    first = admin.post("/v1/alerts/a1/acknowledge", headers={"If-Match": tag})
    assert first.status_code == 200
    stale = admin.post("/v1/alerts/a1/snooze", json=SNOOZE, headers={"If-Match": tag})
    assert stale.status_code == 409
    fresh = {"If-Match": first.headers["etag"]}
    assert admin.post("/v1/alerts/a1/snooze", json=SNOOZE, headers=fresh).status_code == 200


def test_a_repeated_key_gives_the_first_answer_and_one_effect(api, admin):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    key = {"Idempotency-Key": "k-1"}
    first = admin.post("/v1/alerts/a1/snooze", json=SNOOZE, headers=key)
    again = admin.post("/v1/alerts/a1/snooze", json=SNOOZE, headers=key)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert admin.get("/v1/alerts/a1").json()["version"] == 2
    other = admin.post("/v1/alerts/a1/snooze", json=SNOOZE | {"reason": "x"}, headers=key)
    assert other.status_code == 422
    assert api.client("manager").post("/v1/alerts/a1/acknowledge", headers=key).status_code == 200


def test_a_run_is_started_worked_and_closed(api, admin):
    api.make.account("ACC-1")
    key = {"Idempotency-Key": "start"}
    body = {"playbook": "executive_review", "account_id": "ACC-1"}
    run = admin.post("/v1/playbook-runs", json=body, headers=key).json()
    assert admin.post("/v1/playbook-runs", json=body, headers=key).json() == run
    path = f"/v1/playbook-runs/{run['run_id']}"
    assert (run["state"], run["tasks"][0]["state"]) == ("active", "open")
    worked = admin.post(f"{path}/tasks/call/complete").json()
    assert worked["tasks"][0]["state"] == "completed"
    assert admin.post(f"{path}/tasks/none/complete").status_code == 404
    assert admin.post(f"{path}/close", json={"outcome": "completed"}).json()["state"] == "closed"
    assert admin.post(f"{path}/close", json={"outcome": "completed"}).json()["state"] == "closed"
    assert admin.post(f"{path}/close", json={"outcome": "abandoned"}).status_code == 409
    assert len(pages(admin, "/v1/playbook-runs", state="closed", account="ACC-1")) == 1
    assert pages(admin, "/v1/playbook-runs", state="active") == []


def test_a_feed_is_silent_after_five_of_its_own_gaps(api, admin):
    hour = DAY * 24 + 12
    steady = list(range(hour - 24 * 20, hour - 24 * 5, 3))
    api.make.feed("/tms/quiet", EventType.BOOKING, steady)
    api.make.feed("/tms/live", EventType.BOOKING, [*steady, *range(hour - 120, hour, 3)])
    api.make.feed("/tms/small", EventType.BOOKING, steady, accounts=4)
    found = {one["source"]: one for one in pages(admin, "/v1/sources", limit=1)}
    assert found["/tms/quiet"]["silent_since"] == found["/tms/quiet"]["last_event_at"]
    assert found["/tms/live"]["silent_since"] is None
    assert found["/tms/small"]["silent_since"] is None
    assert found["/tms/live"]["usual_gap_seconds"] == 3 * 3600


def test_keys_end(api):
    new = create_key(api.database, api.clock, role="viewer", days=1)
    client = api.client(token=new.token)
    assert client.get("/v1/status").status_code == 200
    assert revoke_key(api.database, api.clock, new.key_id)
    assert not revoke_key(api.database, api.clock, new.key_id)
    api.clock.passed += 3
    assert client.get("/v1/status").status_code == 401
    short = api.client(token=create_key(api.database, api.clock, role="viewer", days=1).token)
    api.clock.at += timedelta(days=1)
    assert short.get("/v1/status").status_code == 401
    assert new.key_id in {key.key_id for key in list_keys(api.database)}


def test_the_first_work_on_its_run_is_one_change_of_the_alert(api, admin):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    api.make.run("r1", "ACC-1", alert_id="a1")
    seen = admin.get("/v1/alerts/a1")
    admin.post("/v1/playbook-runs/r1/tasks/call/complete")
    worked = admin.get("/v1/alerts/a1").json()
    assert (worked["state"], worked["version"]) == ("in_progress", 2)
    assert worked["updated_at"] == "2026-03-10T12:00:00Z"
    stale = {"If-Match": seen.headers["etag"]}
    assert admin.post("/v1/alerts/a1/acknowledge", headers=stale).status_code == 409
    admin.post("/v1/playbook-runs/r1/tasks/visit/complete")
    assert admin.get("/v1/alerts/a1").json() == worked


def test_what_the_machine_does_on_a_run_is_no_work_on_the_alert(api, admin):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    api.make.run("r1", "ACC-1", alert_id="a1")
    api.make.run_act("r1", "close", actor=MACHINE, outcome="recovered_alone")
    found = admin.get("/v1/alerts/a1").json()
    assert (found["state"], found["version"]) == ("open", 1)


def test_work_after_its_expiry_does_not_bring_an_alert_back(api, admin):
    api.make.account("ACC-1")
    api.make.run("r1", "ACC-1", alert_id="a1")
    api.make.alert("a1", "ACC-1", expires_at=NOW - timedelta(hours=1))
    assert admin.post("/v1/alerts/a1/acknowledge").status_code == 409
    admin.post("/v1/playbook-runs/r1/tasks/call/complete")
    assert admin.get("/v1/alerts/a1").json()["state"] == "expired"
    listed = admin.get("/v1/alerts", params={"state": "expired"}).json()["items"]
    assert [one["alert_id"] for one in listed] == ["a1"]
