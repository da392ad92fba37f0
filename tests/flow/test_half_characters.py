"""Half of a surrogate pair is JSON in form: a fault of its event, never of those beside it."""

import json
from dataclasses import replace

import pytest

from services.cli.ports import mount
from shared.runtime.settings import Settings
from tests.support.api import running_api

HALF = "VN\ud800"


def booking(number, **changes):
    return {
        "specversion": "1.0", "id": f"e{number}", "source": "/tms/hph-1",
        "type": "leadline.booking.v1", "subject": "ACC-1", "time": "2026-03-01T09:00:00Z",
        "data": {"booking_ref": f"B{number}", "phase": "confirmed"} | changes,
    }  # fmt: skip


@pytest.fixture
def post(sqlite_url):
    """Return a function that sends JSON, and the client; ingest's own intake takes it in."""
    with running_api(sqlite_url) as api:
        settings = Settings(_env_file=None, database_url=sqlite_url)
        intake, _ = mount(settings, api.database, api.clock)
        api.app.state.context = replace(api.app.state.context, intake=intake)
        client = api.client()
        headers = {"content-type": "application/json"}
        yield lambda body: client.post("/v1/events", content=body, headers=headers), client


@pytest.mark.parametrize("indent", [None, 2])
def test_the_events_beside_one_with_half_a_character_are_applied(post, indent):
    send, client = post
    many = [booking(1), booking(2, origin=HALF), 7, booking(3, origin="\ud83d\ude00 \\ud800")]
    answer = send(json.dumps(many, indent=indent).encode())
    assert answer.status_code == 202
    results = answer.json()["results"]
    assert [one["status"] for one in results] == ["accepted", "rejected", "rejected", "accepted"]
    assert [one["id"] for one in results] == ["e1", "e2", None, "e3"]
    assert results[1]["reason"] == "not_json"
    assert "is half of a surrogate pair" in results[1]["detail"]
    letters = client.get("/v1/dead-letters").json()["items"]
    assert len(letters) == 2


def test_one_event_with_half_a_character_is_a_dead_letter(post):
    send, client = post
    answer = send(json.dumps(booking(1, origin=HALF)).encode())
    assert answer.status_code == 202
    (result,) = answer.json()["results"]
    assert (result["id"], result["status"], result["reason"]) == ("e1", "rejected", "not_json")
    assert len(client.get("/v1/dead-letters").json()["items"]) == 1


def test_a_list_that_is_no_json_otherwise_is_refused_for_that(post):
    send, _ = post
    answer = send(json.dumps([booking(1, origin=HALF)]).encode()[:-1] + b",]")
    assert (answer.status_code, "surrogate" in answer.json()["detail"]) == (400, False)
