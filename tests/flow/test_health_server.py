"""The metrics of ingest and signals: open on loopback, elsewhere for admin and service alone."""

from datetime import timedelta

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from services.api.keys import create_key, revoke_key
from shared.runtime.health import HealthServer
from shared.store import keys
from shared.store.keys import TokenRoles
from shared.store.session import Database
from tests.support.factories import FixedClock


@pytest.fixture
def database(sqlite_url):
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def clock():
    return FixedClock()


@pytest.fixture
def exposed(database, clock):
    """A server on all interfaces, since only there a token is asked for."""
    roles = TokenRoles(database, clock)
    server = HealthServer("0.0.0.0", 0, live={}, ready={}, authorize=roles)  # noqa: S104  # above
    yield server
    server.close()


def ask(server, path="/metrics", token=None, scheme="Bearer"):
    headers = {"Authorization": f"{scheme} {token}".encode()} if token else {}
    return httpx.get(f"http://127.0.0.1:{server.port}{path}", headers=headers)


def test_on_loopback_metrics_need_no_token():
    server = HealthServer("127.0.0.1", 0, live={}, ready={})
    try:
        answer = ask(server)
    finally:
        server.close()
    assert answer.status_code == 200
    assert "leadline_build_info" in answer.text


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.0.2.1"])  # noqa: S104  # refused
def test_elsewhere_a_server_without_a_way_to_ask_does_not_start(host):
    with pytest.raises(ValueError, match="token"):
        HealthServer(host, 0, live={}, ready={})


def test_without_a_token_that_holds_metrics_are_401(exposed, database, clock):
    token = create_key(database, clock, role="service").token
    for wrong in (None, "ll_00000000_unknown", "Zürich"):
        answer = ask(exposed, token=wrong)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["status"] == 401
    assert ask(exposed, token=token, scheme="Basic").status_code == 401


@pytest.mark.parametrize(
    ("role", "status"),
    [("viewer", 403), ("kam", 403), ("manager", 403), ("service", 200), ("admin", 200)],
)
def test_a_role_decides(exposed, database, clock, role, status):
    kam = "k1" if role == "kam" else None
    answer = ask(exposed, token=create_key(database, clock, role=role, kam=kam).token)
    assert answer.status_code == status
    assert ("leadline_build_info" in answer.text) is (status == 200)


def test_a_revoked_or_expired_key_is_401(exposed, database, clock):
    revoked = create_key(database, clock, role="service")
    assert ask(exposed, token=revoked.token).status_code == 200
    revoke_key(database, clock, revoked.key_id)
    assert ask(exposed, token=revoked.token).status_code == 401
    expired = create_key(database, clock, role="service", days=1)
    clock.at = clock.now() + timedelta(days=1)
    assert ask(exposed, token=expired.token).status_code == 401


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_the_probes_are_open(exposed, path):
    assert ask(exposed, path).status_code == 200


def test_while_the_database_is_away_a_known_scraper_still_sees_metrics(
    exposed, database, clock, monkeypatch
):
    known, unknown = (create_key(database, clock, role="service").token for _ in range(2))
    assert ask(exposed, token=known).status_code == 200

    def away(*_arguments):
        raise OperationalError("SELECT", {}, Exception("connection refused"))

    monkeypatch.setattr(keys, "find_key", away)
    assert ask(exposed, token=known).status_code == 200
    assert ask(exposed, token=unknown).status_code == 401


def test_a_watcher_may_ask_for_the_headers_alone():
    server = HealthServer("127.0.0.1", 0, live={}, ready={"broker": lambda: "away"})
    try:
        at = f"http://127.0.0.1:{server.port}"
        assert [httpx.head(at + path).status_code for path in ("/livez", "/readyz")] == [200, 503]
        assert httpx.head(at + "/metrics").content == b""
    finally:
        server.close()
