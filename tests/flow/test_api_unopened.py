"""Alerts that ended while muted and never opened are nothing to show, and nothing to count."""

import pytest

from tests.support.factories import NOW


@pytest.fixture
def admin(api):
    api.make.account("ACC-1")
    api.make.score("ACC-1")
    api.make.alert("a-open", "ACC-1")
    api.make.alert("b-resolved", "ACC-1", resolved_at=NOW)
    api.make.alert("c-muted", "ACC-1", opened_at=None, suppressed_reason="season")
    api.make.alert(
        "d-ended", "ACC-1", opened_at=None, suppressed_reason="season", resolved_at=NOW,
        reason_text="Never told to anybody",
    )  # fmt: skip
    return api.client("admin")


def ids(client, **query):
    return [one["alert_id"][0] for one in client.get("/v1/alerts", params=query).json()["items"]]


def test_the_list_leaves_out_what_ended_before_it_opened(admin):
    assert ids(admin) == ["a", "b"]
    assert ids(admin, state="resolved") == ["b"]
    assert ids(admin, state=["open", "resolved", "suppressed"]) == ["a", "b", "c"]
    assert ids(admin, state="suppressed") == ["c"]


def test_a_muted_alert_that_a_person_closed_is_gone_too(admin):
    assert admin.post("/v1/alerts/c-muted/resolve", json={"outcome": "duplicate"}).is_success
    assert ids(admin) == ["a", "b"]
    assert ids(admin, state="suppressed") == []


def test_the_metrics_do_not_call_it_resolved(admin):
    text = admin.get("/metrics").text
    assert 'leadline_alerts{state="resolved",type="churn_risk"} 1.0' in text
    assert 'leadline_alerts{state="suppressed",type="churn_risk"} 1.0' in text


def test_the_page_does_not_tell_of_it(admin):
    page = admin.get("/accounts/ACC-1").text
    assert "Never told to anybody" not in page
    assert "Earlier alerts (1)" in page
