"""One Idempotency-Key, many requests at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from types import SimpleNamespace

import pytest

from services.api.answers import Answer
from services.api.commands import (
    Repeatable,
    answer_once,
    claim,
    keep_answer,
    kept_answer,
    release,
)
from services.api.problems import ProblemError
from services.api.routes.repeated import once
from shared.store.session import Database
from tests.support.cloudevents import booking
from tests.support.factories import NOW

CLIENTS = 6
EVENTS = {"Content-Type": "application/cloudevents+json", "Idempotency-Key": "k-1"}
OTHER_EVENTS = [{"content": booking(f"B-{at}"), "headers": EVENTS} for at in range(CLIENTS)]
OTHER_RUNS = [
    {
        "json": {"playbook": "executive_review", "account_id": f"ACC-{at}"},
        "headers": {"Idempotency-Key": "k-1"},
    }
    for at in range(CLIENTS)
]


def at_once(api, path, requests):
    """Send all in the same moment as one caller; return the answers."""
    token, together = api.token("admin"), Barrier(len(requests))

    def sent(request):
        client = api.client(token=token)
        together.wait()
        return client.post(path, **request)

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(sent, requests))


@pytest.mark.parametrize(
    ("path", "requests", "done"),
    [("/v1/events", OTHER_EVENTS, 202), ("/v1/playbook-runs", OTHER_RUNS, 201)],
)
def test_of_other_requests_under_one_key_only_the_first_is_done(api, path, requests, done):
    for at in range(CLIENTS):
        api.make.account(f"ACC-{at}")

    codes = sorted(answer.status_code for answer in at_once(api, path, requests))

    assert codes == [done, *[422] * (CLIENTS - 1)]
    assert len(api.intake.accepted) + len(api.runs.started) == 1


def test_the_same_request_at_the_same_time_is_done_once_and_answered_alike(api):
    api.make.account("ACC-0")

    answers = at_once(api, "/v1/playbook-runs", [OTHER_RUNS[0]] * CLIENTS)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["run_id"] for answer in answers}) == 1


def test_a_refused_request_gives_its_key_back(api):
    admin = api.client("admin")
    first, *_ = OTHER_RUNS
    assert admin.post("/v1/playbook-runs", **first).status_code == 404, "no such account yet"
    api.make.account("ACC-9")

    put_right = first | {"json": first["json"] | {"account_id": "ACC-9"}}

    assert admin.post("/v1/playbook-runs", **put_right).status_code == 201


def test_who_died_between_its_claim_and_its_answer_may_come_again_with_the_same_request(api):
    first, other = (Repeatable("k", "k-1", digest, NOW) for digest in ("one", "other"))
    assert claim(api.database, first).answer is None

    assert claim(api.database, first).answer is None
    with pytest.raises(Exception, match="another request"):
        claim(api.database, other)


def test_one_that_is_refused_leaves_the_claim_of_another_like_it(api):
    holder, refused = (Repeatable("k", "k-1", "one", NOW, mark) for mark in (b"1", b"2"))
    assert claim(api.database, holder).answer is None
    assert claim(api.database, refused).answer is None

    release(api.database, refused)
    keep_answer(api.database, holder, Answer(b"done", 201, {}))

    assert kept_answer(api.database, refused).body == b"done"


def test_a_claim_that_was_never_answered_ends_after_a_minute(api):
    died = Repeatable("k", "k-1", "one", NOW, b"1")
    other = Repeatable("k", "k-1", "other", NOW + timedelta(minutes=1), b"2")
    assert claim(api.database, died).answer is None

    assert claim(api.database, other).answer is None
    keep_answer(api.database, other, Answer(b"done", 201, {}))

    assert kept_answer(api.database, other).body == b"done"


DONE = Answer(b'{"state":"resolved"}', 200, {})
REFUSED = ProblemError(409, "the alert is resolved: nothing can be done on it")


@pytest.fixture
def postgres(postgres_url):
    """Where two requests can be at work on one alert: SQLite takes one writer at a time."""
    database = Database(postgres_url)
    yield database
    database.close()


@pytest.mark.postgres
def test_a_request_that_its_own_twin_got_ahead_of_has_the_twins_answer(postgres):
    """A sender that was cut off asks again while its first request waits for the same alert."""
    repeat = Repeatable("k", "key", "digest", NOW)

    def too_late(connection):
        answer_once(postgres, repeat, lambda connection: DONE)
        raise REFUSED

    answer = answer_once(postgres, repeat, too_late)
    assert (answer.status, answer.body) == (DONE.status, DONE.body)


@pytest.mark.postgres
def test_so_has_one_whose_work_is_another_packages(postgres):
    repeat, twin = (Repeatable("k", "key", "digest", NOW, mark) for mark in (b"one", b"two"))

    def too_late():
        keep_answer(postgres, twin, DONE)
        raise REFUSED

    assert claim(postgres, twin).answer is None
    answer = once(SimpleNamespace(database=postgres), repeat, too_late)
    assert (answer.status, answer.body) == (DONE.status, DONE.body)


@pytest.mark.postgres
def test_a_request_that_somebody_elses_got_ahead_of_is_refused(postgres):
    def refused(connection):
        raise REFUSED

    with pytest.raises(ProblemError):
        answer_once(postgres, Repeatable("k", "key", "digest", NOW), refused)
