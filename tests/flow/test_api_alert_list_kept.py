"""The list of alerts is kept between requests, and nobody can tell."""

from datetime import timedelta

import pytest

from services.api.keys import create_key, revoke_key
from tests.support.factories import NOW

SOON = NOW + timedelta(seconds=1)
SNOOZE = {"until": SOON.isoformat(), "reason": "customer on holiday"}


@pytest.fixture
def admin(api):
    api.make.account("ACC-1")
    api.make.account("ACC-2", kam="kam-b")
    api.make.alert("a1", "ACC-1")
    api.make.alert("a2", "ACC-2", owner_id="kam-b")
    return api.client("admin")


def states(client, **query):
    answer = client.get("/v1/alerts", params=query)
    assert answer.status_code == 200, answer.text
    return {one["alert_id"]: one["state"] for one in answer.json()["items"]}


def around_soon(api, client, alert):
    """Return the alert's state now, just before its time and at it."""
    found = []
    for at in (NOW, SOON - timedelta(microseconds=1), SOON):
        api.clock.at = at
        found.append(states(client)[alert])
    return found


@pytest.mark.parametrize("query", [{}, {"state": ["open", "snoozed"]}, {"state": "snoozed"}])
def test_an_act_is_listed_at_once(admin, query):
    states(admin, **query)
    assert admin.post("/v1/alerts/a1/snooze", json=SNOOZE).status_code == 200
    assert states(admin, **query)["a1"] == "snoozed"


def test_a_snooze_is_over_when_its_time_has_come(api, admin):
    admin.post("/v1/alerts/a1/snooze", json=SNOOZE)
    assert around_soon(api, admin, "a1") == ["snoozed", "snoozed", "open"]


def test_an_alert_expires_when_its_time_has_come(api, admin):
    api.make.alert("a3", "ACC-1", expires_at=SOON)
    assert around_soon(api, admin, "a3") == ["open", "open", "expired"]


def test_a_list_of_one_state_follows_the_time(api, admin):
    api.make.alert("a3", "ACC-1", expires_at=SOON)
    assert "a3" not in states(admin, state="expired")
    api.clock.at = SOON
    assert states(admin, state="expired") == {"a3": "expired"}


def test_the_same_question_is_answered_by_who_asks(api, admin):
    kams = [api.client("kam", "kam-a"), api.client("kam", "kam-b")]
    for _ in range(2):
        assert [set(states(one)) for one in (admin, *kams)] == [{"a1", "a2"}, {"a1"}, {"a2"}]
        assert api.client(None).get("/v1/alerts").status_code == 401
        assert api.client("service").get("/v1/alerts").status_code == 403


def test_a_key_ends_for_known_questions_too(api, admin):
    key = create_key(api.database, api.clock, role="viewer")
    client = api.client(token=key.token)
    assert len(states(client)) == len(states(client)) == 2
    revoke_key(api.database, api.clock, key.key_id)
    api.clock.passed += 3
    assert client.get("/v1/alerts").status_code == 401


def test_a_wrong_question_stays_wrong(admin):
    for _ in range(2):
        assert admin.get("/v1/alerts", params={"limit": 0}).status_code == 422
        assert admin.get("/v1/alerts", params={"cursor": "x"}).status_code == 422


def test_a_kept_list_is_not_sent_twice(admin):
    tag = admin.get("/v1/alerts").headers["ETag"]
    again = admin.get("/v1/alerts", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
