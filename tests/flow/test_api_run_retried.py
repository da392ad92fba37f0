"""A request on a run that is sent again before its answer was kept: the work was done already."""

from datetime import timedelta

import pytest

from services.signals.runs import RunCommands
from tests.support.api import running_api

COMPLETE = ("/tasks/call/complete", None)
CLOSE = ("/close", {"outcome": "completed", "note": "They stay."})


class Interrupted(RunCommands):
    """The real commands, whose caller is interrupted once, after them or before."""

    after = before = None

    def complete_task(self, *given, **options):
        self._interrupt("before")
        super().complete_task(*given, **options)
        self._interrupt("after")

    def close_run(self, *given, **options):
        self._interrupt("before")
        super().close_run(*given, **options)
        self._interrupt("after")

    def _interrupt(self, when):
        once = getattr(self, when)
        setattr(self, when, None)
        if once is not None:
            once()


@pytest.fixture
def api(database_url):
    with running_api(database_url, commands=Interrupted) as running:
        running.make.account("ACC-1")
        running.make.run("r1", "ACC-1")
        yield running


@pytest.fixture(params=[COMPLETE, CLOSE], ids=["complete", "close"])
def sent(request, api):
    """Return a function that sends the same request, each time on a connection of its own."""
    token, (path, body) = api.token("admin"), request.param
    tag = api.client(token=token).get("/v1/playbook-runs/r1").headers["etag"]

    def send(*, match, **headers):
        headers |= {"If-Match": tag} if match else {}
        client = api.client(token=token)
        return client.post(f"/v1/playbook-runs/r1{path}", json=body, headers=headers)

    return send


def acts(api):
    return [one["act"] for one in api.client().get("/v1/playbook-runs/r1").json()["history"]]


@pytest.mark.parametrize("match", [True, False])
@pytest.mark.parametrize("seconds", [0, 120])
def test_a_request_that_was_done_and_not_yet_answered_is_answered_when_it_comes_again(
    api, sent, match, seconds
):
    """After two minutes its claim has died: so it is where the process ended in between."""
    again = []

    def retried():
        api.clock.at += timedelta(seconds=seconds)
        again.append(sent(match=match, **{"Idempotency-Key": "k"}))

    api.runs.after = retried
    first = sent(match=match, **{"Idempotency-Key": "k"})

    (second,) = again
    assert (second.status_code, first.status_code) == (200, 200), second.text
    assert second.content == first.content
    later = sent(match=match, **{"Idempotency-Key": "k"})
    assert (later.content, later.headers["idempotency-replayed"]) == (first.content, "true")
    assert len(acts(api)) == 2


def test_it_is_answered_as_well_where_it_was_done_while_the_repetition_worked(api, sent):
    first = []

    def overtaken():
        api.runs.before = lambda: first.append(sent(match=True, **{"Idempotency-Key": "k"}))
        again.append(sent(match=True, **{"Idempotency-Key": "k"}))

    again = []
    api.runs.before = overtaken
    sent(match=True, **{"Idempotency-Key": "k"})

    assert [one.status_code for one in (*first, *again)] == [200, 200]
    assert len(acts(api)) == 2


def test_what_somebody_else_did_meanwhile_is_not_taken_for_it(api, sent):
    answers = []

    def others():
        super(Interrupted, api.runs).complete_task("r1", "call", actor="faster")
        super(Interrupted, api.runs).close_run("r1", "completed", "They stay.", actor="faster")
        answers.append(sent(match=True, **{"Idempotency-Key": "k"}))

    api.runs.before = others
    answers.append(sent(match=True, **{"Idempotency-Key": "k"}))

    assert [one.status_code for one in answers] == [409, 409]


def test_a_stale_tag_is_refused_under_another_key(api, sent):
    assert sent(match=True, **{"Idempotency-Key": "one"}).status_code == 200
    assert sent(match=True, **{"Idempotency-Key": "other"}).status_code == 409


def test_closing_again_with_another_outcome_or_note_is_refused(api):
    client, path = api.client(), "/v1/playbook-runs/r1/close"
    body = {"outcome": "completed", "note": "They stay."}
    closed = client.post(path, json=body)
    assert client.post(path, json=body).content == closed.content
    for other in ({"outcome": "abandoned"}, {"note": "They leave."}):
        assert client.post(path, json=body | other).status_code == 409
    assert client.post("/v1/playbook-runs/r1/tasks/call/complete").status_code == 409
