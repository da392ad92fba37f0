"""Slips of the pen in a request: each is refused with what would have been right."""

import pytest


@pytest.fixture
def admin(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    api.make.run("r1", "ACC-1")
    return api.client()


@pytest.mark.parametrize("path", ["/v1/accounts/ACC-1/timeline", "/v1/warning-performance"])
def test_a_span_that_ends_before_it_begins_is_refused_naming_both(admin, path):
    span = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"}
    answer = admin.get(path, params=span)
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["errors"]] == ["query.from", "query.to"]
    assert "is after to" in answer.json()["detail"]
    assert admin.get(path, params=span | {"to": span["from"]}).status_code == 200


@pytest.mark.parametrize("given", ["abc", "3-b6589fc6ab0dc82c", '"open', ""])
@pytest.mark.parametrize("path", ["alerts/a1/acknowledge", "playbook-runs/r1/tasks/call/complete"])
def test_an_if_match_that_is_no_tag_is_told_what_it_takes(admin, path, given):
    answer = admin.post(f"/v1/{path}", headers={"If-Match": given})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["path"] == "header.If-Match"
    assert "takes the ETag of the state with its quotes" in error["message"]


def test_a_bare_version_is_an_alerts_and_no_runs(admin):
    assert admin.post("/v1/alerts/a1/acknowledge", headers={"If-Match": "1"}).status_code == 200
    assert admin.post("/v1/alerts/a1/acknowledge", headers={"If-Match": "1"}).status_code == 409
    path = "/v1/playbook-runs/r1/tasks/call/complete"
    refused = admin.post(path, headers={"If-Match": "1"})
    assert (refused.status_code, "by its ETag" in refused.json()["detail"]) == (409, True)
    assert admin.post(path, headers={"If-Match": "*"}).status_code == 200


def test_a_parameter_that_nobody_knows_is_refused_with_those_that_are(admin):
    answer = admin.get("/v1/alerts", params={"stat": "open", "limit": 5})
    assert answer.status_code == 422
    takes = "it takes account, band, cursor, deferred, kam, limit, state, type"
    assert answer.json()["detail"] == f"unknown query parameter stat; {takes}"
    assert answer.json()["errors"] == [{"path": "query.stat", "message": f"unknown; {takes}"}]
    assert "it takes none" in admin.get("/v1/alerts/a1?limit=5").json()["detail"]


def test_a_parameter_that_comes_twice_is_refused_instead_of_the_last_counting(admin):
    answer = admin.get("/v1/accounts?band=critical&band=healthy")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "query parameter band came more than once"
    assert answer.json()["errors"] == [{"path": "query.band", "message": "came more than once"}]
    assert admin.get("/v1/alerts?state=open&state=snoozed").status_code == 200, "it takes several"


def test_pages_and_writes_bear_parameters_of_others(admin):
    assert admin.get("/accounts/ACC-1?utm_source=mail").status_code == 200
    assert admin.post("/v1/alerts/a1/acknowledge?via=hook").status_code == 200


def test_every_reading_operation_says_that_it_may_refuse_its_parameters(admin):
    paths = admin.get("/openapi.json").json()["paths"]
    reading = {path: item["get"] for path, item in paths.items() if path.startswith("/v1/")
               and "get" in item}  # fmt: skip
    assert [path for path, one in reading.items() if "422" not in one["responses"]] == []


@pytest.mark.parametrize("until", ["9999-01-01T00:00:00Z", "2026-09-06T12:00:01Z"])
def test_a_snooze_beyond_half_a_year_is_refused_with_the_last_end_allowed(admin, until):
    answer = admin.post("/v1/alerts/a1/snooze", json={"until": until, "reason": "season"})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["path"] == "body.until"
    assert "at most 180 days ahead, so not after 2026-09-06T12:00:00Z" in error["message"]


def test_a_snooze_of_half_a_year_is_taken_and_the_document_names_the_cap(admin):
    season = {"until": "2026-09-06T12:00:00Z", "reason": "season"}
    assert admin.post("/v1/alerts/a1/snooze", json=season).status_code == 200
    schemas = admin.get("/openapi.json").json()["components"]["schemas"]
    assert "180 days" in schemas["Snooze"]["properties"]["until"]["description"]


WRITES_WITH_BODY = [
    ("alerts/a1/snooze", {"until": "2026-03-20T00:00:00Z", "reason": "season"}),
    ("alerts/a1/resolve", {"outcome": "false_alarm"}),
    ("playbook-runs", {"playbook": "executive_review", "account_id": "ACC-1"}),
    ("playbook-runs/r1/close", {"outcome": "completed"}),
    ("dead-letters/1/discard", {"reason": "a test"}),
    ("alerts/a1/acknowledge", {}),
    ("playbook-runs/r1/tasks/call/complete", {}),
    ("dead-letters/1/replay", {}),
]


@pytest.mark.parametrize(("path", "body"), WRITES_WITH_BODY)
def test_a_field_that_nobody_knows_is_refused_by_its_name_in_every_write(admin, path, body):
    answer = admin.post(f"/v1/{path}", json=body | {"remark": "called"})
    assert answer.status_code == 422
    assert [one["path"] for one in answer.json()["errors"]] == ["body.remark"]


def test_a_call_without_fields_bears_an_empty_body_and_no_other(admin):
    path = "/v1/playbook-runs/r1/tasks/call/complete"
    assert admin.post(path, content=b"called").json()["errors"][0]["path"] == "body"
    assert admin.post(path, json={}).status_code == 200
    assert admin.post("/v1/alerts/a1/acknowledge").status_code == 200
