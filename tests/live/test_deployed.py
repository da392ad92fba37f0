"""The commands of `deploy/compose.yaml`, run as processes against a real broker and database."""

import json

import pytest

from tests.support.absence import had
from tests.support.deployment import SERVICES, Deployment
from tests.support.events import cloud_event, consume, produce
from tests.support.waiting import eventually

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

ACCOUNT = "ACC-DEPLOYED"


@pytest.fixture(scope="module")
def deployment(request, _kafka_module, _postgres_session):
    """One running product for the module; its last test ends it."""
    kafka, postgres = had(request, _kafka_module), had(request, _postgres_session)
    deployment = Deployment(kafka.bootstrap, postgres)
    try:
        yield deployment.up()
    finally:
        deployment.down()


def history():
    """Return an account that ships every week, and one severe complaint of today."""
    master = {
        "name": "Deployed Ltd",
        "kam": {"id": "K1", "name": "Kim"},
        "currency": "USD",
        "annual_margin": {"amount": "120000", "currency": "USD"},
    }
    yield cloud_event("account", ACCOUNT, master, age_hours=24 * 300)
    for week in range(1, 40):
        booking = {
            "booking_ref": f"B{week}",
            "phase": "confirmed",
            "mode": "sea",
            "service": "FCL",
            "origin": "VNHPH",
            "destination": "DEHAM",
            "teu": 2,
        }
        yield cloud_event("booking", ACCOUNT, booking, age_hours=24 * 7 * week)
    complaint = {
        "ticket_ref": "T1",
        "phase": "opened",
        "kind": "complaint",
        "severity": 1,
        "category": "damage",
        "cause": "us",
    }
    yield cloud_event("complaint", ACCOUNT, complaint, source="/crm/test", age_hours=0.1)


def test_an_event_becomes_an_alert_a_run_and_outbound_events(deployment, own_kafka):
    produce(own_kafka, history())
    with deployment.client() as api:
        alert = eventually(lambda: first(api, "/v1/alerts", account=ACCOUNT), what="the alert")
        assert alert["account_id"] == ACCOUNT
        assert "complaint" in alert["type"]
        assert alert["owner"]["id"] == "K1"
        run = eventually(lambda: first(api, "/v1/playbook-runs", account=ACCOUNT), what="the run")
        assert run["alert_id"] == alert["alert_id"]
        assert run["tasks"]
        done = f"/v1/alerts/{alert['alert_id']}/acknowledge"
        assert api.post(done).json()["state"] == "acknowledged"
    (record,) = consume(own_kafka, "leadline.alert.v1", 1)
    event = json.loads(record.value())
    assert event["subject"] == record.key().decode() == ACCOUNT
    assert event["data"]["alert_id"] == alert["alert_id"]
    assert consume(own_kafka, "leadline.playbook_trigger.v1", 1)


def first(api, path, **parameters):
    answer = api.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    return items[0] if items else None


def test_events_over_http_and_the_scrape_key_work_with_the_services_own_rights(deployment):
    token = (deployment.keys / "prometheus").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    with deployment.client("service") as api:
        event = cloud_event("account", "ACC-HTTP", {"name": "By HTTP"})
        answer = api.post(
            "/v1/events", json=event, headers={"content-type": "application/cloudevents+json"}
        )
        assert answer.status_code == 202, answer.text
        assert answer.json()["results"][0]["status"] == "accepted"
        metrics = api.get("/metrics", headers=headers)
        assert metrics.status_code == 200
        assert "leadline_build_info" in metrics.text


def test_every_service_ends_well_within_ten_seconds(deployment):
    for name in SERVICES:
        code, seconds = deployment.stop(name)
        assert code == 0, deployment.log(name)
        assert seconds < 10
