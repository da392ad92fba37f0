"""What the api refuses, and how; events in; the stream; probes and headers."""

import gzip
import json

import pytest

from services.api.middleware import MAX_BODY
from shared.domain.alerts import ALERT_TYPES

PROBLEMS = [
    ("GET", "/nowhere", None, 404),
    ("GET", "/v1/nowhere", None, 404),
    ("DELETE", "/v1/alerts", None, 405),
    ("GET", "/v1/alerts/none", None, 404),
    ("GET", "/v1/accounts/none", None, 404),
    ("GET", "/v1/accounts?limit=0", None, 422),
    ("GET", "/v1/accounts?limit=501", None, 422),
    ("GET", "/v1/accounts?cursor=x", None, 422),
    ("GET", "/v1/accounts?cursor=WyJ4IiwxXQ", None, 422),
    ("GET", "/v1/accounts?sort=secret", None, 422),
    ("GET", "/v1/accounts?band=worst", None, 422),
    ("GET", "/v1/alerts?state=odd", None, 422),
    ("GET", "/v1/dead-letters/0", None, 422),
    ("GET", "/v1/stream?after=-1", None, 422),
    ("GET", f"/v1/stream?after={2**63}", None, 422),
    ("POST", "/v1/alerts/a1/snooze", b"{", 400),
    ("POST", "/v1/alerts/a1/snooze", b"{}", 422),
    ("POST", "/v1/alerts/a1/snooze", b'{"until":"2020-01-01T00:00:00Z","reason":"x"}', 422),
    ("POST", "/v1/alerts/a1/snooze", b'{"until":"2027-01-01T00:00:00","reason":"x"}', 422),
    ("POST", "/v1/alerts/a1/resolve", b'{"outcome":"won"}', 422),
    ("POST", "/v1/alerts/a1/resolve", b'{"outcome":"lost","owner_id":"me"}', 422),
    ("POST", "/v1/playbook-runs", b'{"playbook":"x","account_id":"ACC-1"}', 422),
    ("POST", "/v1/events", b"not json", 400),
    ("POST", "/v1/events", b"", 400),
    ("POST", "/v1/events", b"\xff", 400),
    ("POST", "/v1/events", b"[" + b",".join([b"{}"] * 1001) + b"]", 413),
    ("POST", "/v1/events", b" " * (MAX_BODY + 1), 413),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), PROBLEMS)
def test_every_error_is_a_problem(api, method, path, body, status):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    headers = {"content-type": "application/json"} if body is not None else {}
    answer = api.client().request(method, path, content=body, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status
    assert found["title"]
    assert found["detail"]
    if status == 422:
        assert all(one["path"] and one["message"] for one in found["errors"])
        assert found["errors"]


@pytest.mark.parametrize(
    "kind",
    ["application/cloudevents+json; charset=utf-8", "application/cloudevents-batch+json",
     "application/json"],
)  # fmt: skip
def test_events_go_in_one_or_many(api, kind):
    client = api.client("service")
    one = client.post("/v1/events", content=b'{"id":"1"}', headers={"content-type": kind})
    many = client.post("/v1/events", content=b'[{"id":"1"}, 2]', headers={"content-type": kind})
    assert (one.status_code, len(one.json()["results"])) == (202, 1)
    assert (many.status_code, len(many.json()["results"])) == (202, 2)
    assert api.intake.accepted == [b'{"id":"1"}', b'{"id":"1"}', b"2"]


def test_a_body_that_is_not_json_is_kept(api):
    client = api.client("service")
    client.post("/v1/events", content=b"{", headers={"content-type": "application/json"})
    client.post("/v1/events", content=b"\xff", headers={"content-type": "application/json"})
    assert api.intake.rejected == [(b"{", "not_json"), (b"\xff", "not_utf8")]
    form = client.post("/v1/events", content=b"a=1", headers={"content-type": "text/plain"})
    assert form.status_code == 415


def test_an_event_in_binary_mode_is_refused_with_the_mode_that_is_taken(api):
    headers = {"content-type": "application/json", "ce-specversion": "1.0", "ce-id": "1"}
    answer = api.client("service").post("/v1/events", content=b"{}", headers=headers)
    assert answer.status_code == 415
    assert "application/cloudevents+json" in answer.json()["detail"]
    assert api.intake.accepted == []


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, GZIP"])
def test_a_body_in_a_content_coding_is_refused_as_such_and_not_kept(api, encoding):
    headers = {"content-type": "application/json", "content-encoding": encoding}
    answer = api.client().post("/v1/events", content=gzip.compress(b"{}"), headers=headers)
    assert (answer.status_code, answer.headers["accept-encoding"]) == (415, "identity")
    assert "send it as it is" in answer.json()["detail"]
    assert api.intake.rejected == []
    plain = headers | {"content-encoding": "identity"}
    assert api.client().post("/v1/events", content=b"{}", headers=plain).status_code == 202


def test_a_dead_letter_is_shown_whole_and_replayed(api):
    number, admin = api.make.dead_letter(), api.client()
    shown = admin.get(f"/v1/dead-letters/{number}").json()
    assert (shown["value"], shown["reason"], shown["tries"]) == ("bm9uc2Vuc2U=", "not_json", 1)
    assert admin.post(f"/v1/dead-letters/{number}/replay").json()["result"]["status"] == "accepted"
    assert api.intake.replayed == [number]


def test_a_dead_letter_is_discarded_for_a_reason_only(api):
    number, admin = api.make.dead_letter(), api.client()
    path = f"/v1/dead-letters/{number}/discard"
    assert admin.post(path, json={}).status_code == 422
    assert admin.post(path, json={"reason": "a test of the link"}).status_code == 200
    ((letter, reason, actor),) = api.intake.discarded
    assert (letter, reason) == (number, "a test of the link")
    assert actor
    assert admin.post("/v1/dead-letters/1001/discard", json={"reason": "?"}).status_code == 404


def heard(client, count, **headers):
    """Return id, event and data of the next changes."""
    found, change = [], {}
    with client.stream("GET", "/v1/stream", headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                change[name] = value
            elif "data" in change:
                found.append((int(change["id"]), change["event"], json.loads(change["data"])))
                change = {}
            if len(found) == count:
                return found
    return found


def test_the_stream_resumes_after_the_last_id_and_loses_nothing(api):
    api.make.account("ACC-1")
    for number in range(1, 6):
        api.make.change(number, ("signal", "alert", "run")[number % 3], "ACC-1")
    client = api.client("viewer")
    assert [c[0] for c in heard(client, 5, **{"Last-Event-ID": "0"})] == [1, 2, 3, 4, 5]
    api.make.change(9, "alert", "ACC-1")
    assert heard(client, 2, **{"Last-Event-ID": "4"}) == [
        (5, "run", {"n": 1}), (9, "alert", {"n": 1}),
    ]  # fmt: skip


def test_a_kam_hears_of_own_accounts_only(api):
    api.make.account("ACC-1", kam="kam-a")
    api.make.account("ACC-2", kam="kam-b")
    for number in range(1, 7):
        api.make.change(number, "alert", f"ACC-{1 + number % 2}")
    found = heard(api.client("kam", "kam-b"), 3, **{"Last-Event-ID": "0"})
    assert [change[0] for change in found] == [1, 3, 5]


def test_metrics_have_the_names_of_the_contract_and_no_account(api):
    api.make.account("ACC-1", annual_margin="1000.00")
    api.make.score("ACC-1")
    api.make.alert("a1", "ACC-1")
    client = api.client(None)  # the listener is bound to loopback
    text = client.get("/metrics").text
    assert 'leadline_accounts{band="high"} 1.0' in text
    assert 'leadline_alerts{state="open",type="churn_risk"} 1.0' in text
    assert "ACC-1" not in text
    health = client.get("/metrics/accounts").text
    labels = '{account="Name of ACC-1",account_id="ACC-1",kam="kam-a",tier="A"}'
    assert f"leadline_account_margin_at_risk{labels} 620.0" in health
    assert f"leadline_account_open_alerts{labels} 1.0" in health
    assert "leadline_account_health_omitted 0.0" in health


def test_answers_carry_the_headers_of_a_careful_site(api):
    for path in ("/", "/v1/status", "/docs", "/nowhere"):
        headers = api.client().get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
    assert "no-store" in api.client().get("/v1/accounts").headers["cache-control"]


def test_a_form_of_another_site_is_refused(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    cookies = {"Cookie": f"leadline_token={api.token('admin')}"}
    client, path = api.client(None), "/alerts/a1/acknowledge"
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}):
        assert client.post(path, headers=cookies | headers).status_code == 403
    assert client.post(path, headers=cookies | {"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_the_token_of_the_printed_url_moves_into_a_cookie(api):
    answer = api.client(None).get(f"/?token={api.token('viewer')}&x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/?x=1")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_the_document_is_openapi_with_every_operation_described(api):
    document = api.client(None).get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation["summary"], (method, path)
            assert operation["description"], (method, path)
            assert "security" in operation


def test_the_document_names_the_types_of_alerts_where_they_are_asked_for_and_answered(api):
    document = api.client(None).get("/openapi.json").json()
    asked = document["paths"]["/v1/alerts"]["get"]["parameters"]
    (asked,) = [one for one in asked if one["name"] == "type"]
    answered = document["components"]["schemas"]["Alert"]["properties"]["type"]
    for place in (asked, answered):
        assert [name for name in ALERT_TYPES if name not in place.get("description", "")] == []


@pytest.mark.parametrize("path", ["/livez", "/v1/accounts", "/v1/alerts", "/nowhere", "/metrics"])
def test_a_head_gets_the_headers_of_a_get_and_no_body(api, path):
    admin = api.client("admin")
    asked, got = admin.head(path), admin.get(path)
    assert (asked.status_code, asked.content) == (got.status_code, b"")
    for name in ("content-type", "etag", "cache-control", "x-content-type-options"):
        assert asked.headers.get(name) == got.headers.get(name), name


def test_a_head_needs_the_role_of_a_get_and_ends_where_a_get_would_not(api):
    assert api.client(None).head("/v1/accounts").status_code == 401
    assert api.client("admin").head("/v1/stream").status_code == 405


def test_probes_speak_of_this_service(api):
    client = api.client(None)
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").json() == {"status": "ok", "faults": {}}


def test_a_refused_method_names_all_that_the_path_has(api):
    client = api.client()
    assert client.delete("/v1/playbook-runs").headers["allow"] == "GET, POST"
    assert client.delete("/v1/alerts/a1/acknowledge").headers["allow"] == "POST"


@pytest.mark.parametrize(
    "time",
    ["0.5", "20260101", "2026-01-01", "2026-01-01T00:00:00",
     "2026-01-01T00:00Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"],
)  # fmt: skip
def test_what_only_looks_like_a_time_is_refused(api, time):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    client = api.client()
    asked = client.get("/v1/accounts/ACC-1/timeline", params={"from": time})
    said = client.post("/v1/alerts/a1/snooze", json={"until": time, "reason": "x"})
    assert [asked.json()["errors"][0]["path"], said.json()["errors"][0]["path"]] == [
        "query.from", "body.until",
    ]  # fmt: skip
    assert (asked.status_code, said.status_code) == (422, 422)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/accounts?kam=%00"),
        ("GET", "/v1/accounts?q=%00"),
        ("GET", "/v1/alerts?type=%00"),
        ("GET", "/v1/alerts?account=%00"),
        ("GET", "/v1/playbook-runs?kam=%00"),
        ("GET", "/v1/dead-letters?reason=%00"),
        ("GET", "/v1/accounts/%00"),
        ("GET", "/v1/accounts/%00/timeline"),
        ("GET", "/v1/alerts/%00"),
        ("POST", "/v1/alerts/%00/acknowledge"),
        ("POST", "/v1/playbook-runs/%00/tasks/%00/complete"),
    ],
)
def test_a_nul_never_reaches_the_database(api, method, path):
    answer = api.client().request(method, path)
    assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("path", ["/accounts/%00", "/alerts/%00/acknowledge"])
def test_a_nul_on_a_page_is_no_fault_of_ours(api, path):
    method = "POST" if path.endswith("acknowledge") else "GET"
    answer = api.client().request(method, path)
    assert answer.status_code < 500, answer.text
