"""Slips of the pen in a request: each is refused with what would have been right."""

import pytest

from shared.domain.event_types import EventType


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


@pytest.mark.parametrize(
    "moment",
    ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+00:01"],
)
@pytest.mark.parametrize("name", ["from", "to"])
def test_a_moment_beyond_what_utc_can_say_is_told_the_span_that_is_taken(admin, name, moment):
    answer = admin.get("/v1/accounts/ACC-1/timeline", params={name: moment})
    assert answer.status_code == 422
    said = "must lie between 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z"
    assert answer.json()["errors"] == [{"path": f"query.{name}", "message": said}]


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_the_first_and_the_last_moment_are_taken(admin, moment):
    for path in ("/v1/accounts/ACC-1/timeline", "/v1/warning-performance"):
        assert admin.get(path, params={"from": moment, "to": moment}).status_code == 200


def test_a_span_of_extreme_moments_is_told_with_whole_years(admin):
    span = {"from": "9999-01-01T00:00:00Z", "to": "0001-01-01T00:00:00Z"}
    detail = admin.get("/v1/accounts/ACC-1/timeline", params=span).json()["detail"]
    assert detail == "from (9999-01-01T00:00:00Z) is after to (0001-01-01T00:00:00Z)"


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


def test_pages_bear_parameters_of_others(admin):
    assert admin.get("/accounts/ACC-1?utm_source=mail").status_code == 200


@pytest.mark.parametrize("path", ["events", "alerts/a1/acknowledge", "playbook-runs/r1/close"])
def test_a_write_refuses_a_parameter_as_a_read_does_and_does_nothing(api, admin, path):
    answer = admin.post(f"/v1/{path}?dry_run=1", json={})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "unknown query parameter dry_run; it takes none"
    assert api.intake.accepted == []
    assert admin.get("/v1/alerts/a1").json()["state"] == "open"


def test_every_operation_says_that_it_may_refuse_its_parameters(admin):
    paths = admin.get("/openapi.json").json()["paths"]
    found = {(method, path): one for path, item in paths.items() if path.startswith("/v1/")
             for method, one in item.items()}  # fmt: skip
    assert [name for name, one in found.items() if "422" not in one["responses"]] == []


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


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("/v1/accounts?band=high", "/v1/accounts?band=critical"),
        ("/v1/alerts?state=open", "/v1/alerts?state=open&band=high"),
        ("/v1/playbook-runs?state=active", "/v1/playbook-runs"),
        ("/v1/accounts/ACC-1/timeline", "/v1/accounts/ACC-2/timeline"),
        ("/v1/accounts/ACC-1/timeline", "/v1/accounts/ACC-1/timeline?type=booking"),
        ("/v1/dead-letters", "/v1/dead-letters?pending=true"),
    ],
)
def test_a_cursor_under_another_filter_is_refused_instead_of_skipping_rows(api, admin, path, other):
    api.make.account("ACC-2")
    for name in ("ACC-1", "ACC-2"):
        api.make.score(name)
        api.make.alert(f"b-{name}", name)
        api.make.run(f"s-{name}", name)
        api.make.dead_letter(origin=f"http:{name}")
        for at in range(2):
            api.make.event(name, f"{name}-{at}", EventType.BOOKING, b'{"booking_ref": "B"}')
    cursor = admin.get(with_query(path, "limit=1")).json()["next_cursor"]
    same = admin.get(with_query(path, f"limit=2&cursor={cursor}"))
    assert same.status_code == 200, same.text
    answer = admin.get(with_query(other, f"limit=1&cursor={cursor}"))
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert error["path"] == "query.cursor"
    assert "keep the filter, or begin without a cursor" in error["message"]


def with_query(path, query):
    return f"{path}{'&' if '?' in path else '?'}{query}"
