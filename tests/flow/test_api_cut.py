"""A request that is cut off leaves no connection taken, nothing half written and no alarm."""

import contextlib
import json
import socket
import struct

import pytest
from sqlalchemy import func, select

from shared.store.tables import AlertActionRow, IdempotencyRow
from tests.support.waiting import eventually

TIMES = 20
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends a reset, as a dying network does."""


def cut(api, token, path, body, sent):
    """Send so many bytes of a POST, then reset the connection."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "Idempotency-Key: cut\r\n\r\n"
    ).encode()
    with contextlib.closing(socket.create_connection(("127.0.0.1", api.server.port))) as line:
        line.sendall((head + body)[: sent(len(head), len(body))])
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)


def written(api):
    """Return how many acts and how many kept answers there are, in one look."""
    acts, kept = (
        select(func.count()).select_from(table).scalar_subquery()
        for table in (AlertActionRow, IdempotencyRow)
    )
    with api.database.read() as connection:
        return tuple(connection.execute(select(acts, kept)).one())


def at_rest(api):
    """Return whether every connection of the pool is back."""
    return api.database.engine.pool.checkedout() == 0


WHERE = {
    "in the headers": lambda head, body: head // 2,
    "in the body": lambda head, body: head + body // 2,
    "before the answer": lambda head, body: head + body,
}


@pytest.mark.parametrize("sent", WHERE.values(), ids=WHERE)
def test_a_cut_request_acts_once_or_not_at_all(api, sent, capsys):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    token = api.token("admin")
    body = json.dumps({"outcome": "lost", "note": "n" * 2000}).encode()

    for _ in range(TIMES):
        cut(api, token, "/v1/alerts/a1/resolve", body, sent)
    eventually(lambda: at_rest(api))
    assert written(api) in {(0, 0), (1, 1)}  # the act and its kept answer are one transaction

    # Whoever got no answer asks again under the key, and then it has happened exactly once.
    client = api.client(token=token)
    again = client.post(
        "/v1/alerts/a1/resolve",
        content=body,
        headers={"Idempotency-Key": "cut", "Content-Type": "application/json"},
    )
    assert (again.status_code, again.json()["state"]) == (200, "resolved")
    assert written(api) == (1, 1)
    assert "a request failed" not in capsys.readouterr().out


def test_events_whose_sender_goes_away_are_no_fault_of_ours(api, capsys):
    token = api.token("service")
    for sent in WHERE.values():
        for _ in range(TIMES):
            cut(api, token, "/v1/events", b'{"id": "1"}' + b" " * 50_000, sent)
    eventually(lambda: at_rest(api))
    assert set(api.intake.accepted) <= {b'{"id": "1"}' + b" " * 50_000}  # whole or not at all
    assert api.intake.rejected == []
    said = capsys.readouterr().out
    assert "a request failed" not in said
    assert api.client(token=token).get("/v1/status").status_code == 200
