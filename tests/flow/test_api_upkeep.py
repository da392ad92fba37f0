"""Old answers go, and a key's last use is kept, without anybody waiting for it."""

from datetime import timedelta

from sqlalchemy import func, select

from services.api.commands import forget_answers
from services.api.keys import note_use
from shared.store.tables import ApiKeyRow, IdempotencyRow
from tests.support.factories import NOW
from tests.support.waiting import eventually

SNOOZE = {"until": "2026-05-20T00:00:00Z", "reason": "customer on holiday"}
MINUTE = timedelta(minutes=1)


def scalar(api, statement):
    with api.database.read() as connection:
        return connection.scalar(statement)


def kept(api):
    return scalar(api, select(func.count()).select_from(IdempotencyRow))


def last_used(api):
    return scalar(api, select(func.max(ApiKeyRow.last_used_at)))


def test_answers_to_repeated_keys_are_dropped_after_a_day(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    for role in ("admin", "manager"):
        key = {"Idempotency-Key": f"k-{role}"}
        assert api.client(role).post("/v1/alerts/a1/snooze", json=SNOOZE, headers=key).is_success
    assert kept(api) == 2
    assert forget_answers(api.database, NOW + timedelta(hours=23)) == 0
    api.clock.at += timedelta(days=1)
    api.clock.passed += 24 * 3600
    assert api.client("viewer").get("/v1/status").is_success
    eventually(lambda: kept(api) == 0)


def test_a_key_that_comes_again_after_a_day_is_a_new_request(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    admin, key = api.client("admin"), {"Idempotency-Key": "k"}
    assert admin.post("/v1/alerts/a1/snooze", json=SNOOZE, headers=key).is_success
    api.clock.at += timedelta(hours=25)
    again = admin.post("/v1/alerts/a1/snooze", json=SNOOZE | {"reason": "x"}, headers=key)
    assert again.is_success, again.text


def test_the_last_use_of_a_key_is_kept_at_most_once_a_minute(api):
    client = api.client("viewer")
    assert last_used(api) is None
    client.get("/v1/status")
    eventually(lambda: last_used(api) == NOW)
    api.clock.at += timedelta(seconds=59)
    api.clock.passed += 59
    client.get("/v1/status")
    api.clock.at += timedelta(seconds=1)
    api.clock.passed += 1
    client.get("/v1/status")
    eventually(lambda: last_used(api) == NOW + MINUTE)


def test_two_processes_note_a_use_once(api):
    key = api.token("viewer").split("_")[1]
    assert note_use(api.database, key, NOW, MINUTE)
    assert not note_use(api.database, key, NOW + timedelta(seconds=59), MINUTE)
    assert note_use(api.database, key, NOW + MINUTE, MINUTE)
