"""Every operation of the app, for every role, on own and foreign accounts, and without a token."""

import json

import pytest
from fastapi import APIRouter

from services.api.access import PolicyMissingError, operations, require_policies
from services.api.asking_first import HastyRouteError, require_asking_first
from services.api.bodies import Snooze
from services.api.principal import POLICIES, PUBLIC, ROLES
from shared.store.migrate import migrate
from shared.store.session import Database
from tests.support.api import running_api

BODIES = {
    "/v1/alerts/{alert_id}/snooze": {"until": "2026-04-01T00:00:00Z", "reason": "on holiday"},
    "/v1/alerts/{alert_id}/resolve": {"outcome": "recovered_alone"},
    "/v1/playbook-runs": {"playbook": "executive_review", "account_id": "{account_id}"},
    "/v1/playbook-runs/{run_id}/close": {"outcome": "recovered_alone"},
    "/v1/dead-letters/{dead_letter_id}/discard": {"reason": "a test of the link"},
    "/v1/events": {"specversion": "1.0"},
}
FORMS = {
    "/alerts/{alert_id}/snooze": "version=1&choice=week&reason=on+holiday",
    "/alerts/{alert_id}/resolve": "version=1&outcome=recovered_alone",
    "/playbook-runs/{run_id}/close": "seen=1&outcome=recovered_alone",
}
SCOPED = ("{account_id}", "{alert_id}", "{run_id}")
GOOD = {200, 201, 202, 303}


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('permissions') / 'leadline.db'}"
    database = Database(url)
    migrate(database)
    database.close()
    # Bound to all addresses as far as the settings say: metrics need a token.
    with running_api(url, host="0.0.0.0") as running:  # noqa: S104  # a setting, not a listener
        running.make.account("ACC-kam-a", kam="kam-a")
        running.make.account("ACC-kam-b", kam="kam-b")
        for kam in ("kam-a", "kam-b"):
            running.make.alert(f"listed-{kam}", f"ACC-{kam}")
            running.make.run(f"listed-{kam}", f"ACC-{kam}")
        running.make.dead_letter()
        yield running


@pytest.fixture(scope="module")
def clients(api):
    kams = {"kam": "kam-a"}
    return {role: api.client(role, kams.get(role)) for role in ROLES} | {None: api.client(None)}


def ask(api, client, method, path, owner, mark):
    """Send one request about fresh rows of the owner's account."""
    account, alert, run = f"ACC-{owner}", f"alert-{mark}", f"run-{mark}"
    if "{alert_id}" in path:
        api.make.alert(alert, account)
    if "{run_id}" in path:
        api.make.run(run, account)
    names = {"account_id": account, "alert_id": alert, "run_id": run, "task_id": "call",
             "dead_letter_id": "1", "name": "leadline.css"}  # fmt: skip
    body = json.dumps(BODIES[path]).replace("{account_id}", account) if path in BODIES else None
    kind = "application/x-www-form-urlencoded" if path in FORMS else "application/json"
    body = FORMS.get(path, body)
    headers = {"content-type": kind} if body else {}
    with client.stream(method, path.format(**names), content=body, headers=headers) as answer:
        return answer.status_code


@pytest.mark.parametrize("owner", ["kam-a", "kam-b"])
@pytest.mark.parametrize(("method", "path"), sorted(POLICIES))
def test_every_operation_answers_each_role_as_its_policy_says(api, clients, method, path, owner):
    policy = POLICIES[method, path]
    about_account = any(name in path for name in SCOPED) or path == "/v1/playbook-runs"
    for at, (role, client) in enumerate(clients.items()):
        mark = f"{method}{path}{owner}{at}".translate({ord(c): "-" for c in "/{}"})[-60:]
        status = ask(api, client, method, path, owner, mark)
        if policy is PUBLIC:
            assert status == (200 if method == "GET" else 403)  # a form from nowhere
        elif role is None:
            assert status == 401
        elif role not in policy:
            assert status == 403
        elif (
            role == "kam"
            and owner == "kam-b"
            and about_account
            and (method == "POST" or path != "/v1/playbook-runs")
        ):
            assert status == 404
        else:
            assert status in GOOD, role


def test_the_policies_are_those_of_the_app_and_no_others(api):
    assert sorted(operations(api.app.routes)) == sorted(POLICIES)


def test_a_route_without_a_policy_stops_the_start(api):
    router = APIRouter()
    router.get("/v1/forgotten")(lambda: None)
    forgetful = type(api.app)(openapi_url=None, docs_url=None, redoc_url=None)
    forgetful.include_router(router)
    with pytest.raises(PolicyMissingError, match="GET /v1/forgotten"):
        require_policies(forgetful)


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("viewer", 403)])
@pytest.mark.parametrize("path", sorted(BODIES))
def test_a_body_is_not_looked_at_before_who_sent_it(clients, path, role, status):
    names = {"alert_id": "a1", "run_id": "r1", "dead_letter_id": "1"}
    headers = {"content-type": "application/json"}
    answer = clients[role].post(path.format(**names), content=b"{", headers=headers)
    assert answer.status_code == status


def test_a_route_that_reads_a_body_before_asking_who_sent_it_stops_the_start(api):
    router = APIRouter()

    @router.post("/v1/alerts/{alert_id}/snooze")
    def snooze(alert_id: str, body: Snooze):
        pass

    hasty = type(api.app)(openapi_url=None, docs_url=None, redoc_url=None)
    hasty.include_router(router)
    with pytest.raises(HastyRouteError, match=r"POST /v1/alerts/\{alert_id\}/snooze"):
        require_asking_first(hasty)


@pytest.mark.parametrize("path", ["/v1/accounts", "/v1/alerts", "/v1/playbook-runs"])
def test_lists_of_a_kam_have_only_own_accounts(api, clients, path):
    found = clients["kam"].get(path, params={"limit": 500}).json()["items"]
    assert {one["account_id"] for one in found} <= {"ACC-kam-a"}
    assert found


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Basic abc", "Bearer ll_00000000_x", "Token x",
     "Bearer " + "x" * 5000, "Bearer ll_" + "é".encode().decode("latin-1")],
)  # fmt: skip
def test_a_bad_token_is_401(api, clients, header):
    answer = clients[None].get("/v1/status", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
