"""Clients that go away in the middle of a request: no half write, no leaked connection."""

import asyncio
import json
import random
from collections import Counter
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import text

from services.api.app import create_app
from services.api.keys import create_key
from services.api.serve import ApiServer
from services.cli.ports import ApiIntake
from shared.runtime.clock import WallClock
from shared.runtime.settings import Settings
from tests.chaos import readings
from tests.chaos.cancelling import left_open
from tests.support.cloudevents import booking
from tests.support.waiting import eventually

REQUESTS, TOGETHER = 150, 8
EVENTS = 20  # a request


@pytest.mark.postgres
def test_clients_that_go_away_leave_whole_requests_and_a_whole_pool(database):
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201
    with serving(database) as (url, token):
        answered = asyncio.run(post_and_leave(url, token, random.Random(seed)))
        eventually(lambda: not any(left_open(database).values()), what="a whole pool")

    stored = per_request(database)
    assert 0 < len(answered) < REQUESTS
    assert answered <= stored.keys(), "acknowledged, yet missing"
    assert set(stored.values()) <= {EVENTS}, "half a request"


@contextmanager
def serving(database):
    clock = WallClock()
    settings = Settings(_env_file=None)
    app = create_app(database, settings, clock, intake=ApiIntake(database, clock))
    server = ApiServer(app, "127.0.0.1", 0)
    server.start()
    try:
        yield server.url, create_key(database, clock, role="service").token
    finally:
        server.stop()


async def post_and_leave(url, token, rng):
    """Post many requests, leave most of them early; return the numbers of those answered."""
    answered, numbers = set(), iter(range(REQUESTS))

    async def post(client, number):
        events = [
            json.loads(booking(f"R{number}-{n}", account=f"ACC-{n}", source=f"/request/{number}"))
            for n in range(EVENTS)
        ]
        answer = await client.post("/v1/events", json=events)
        assert answer.status_code == 202, answer.text
        answered.add(number)

    async def worker(client):
        for number in numbers:
            request = asyncio.create_task(post(client, number))
            await asyncio.wait([request], timeout=rng.choice((0.002, 0.01, 0.03, 0.1, 5)))
            request.cancel()
            await asyncio.gather(request, return_exceptions=True)
            if not request.cancelled():
                request.result()

    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
        await asyncio.gather(*(worker(client) for _ in range(TOGETHER)))
    return answered


def per_request(database):
    """Return how many events of each request are stored."""
    with database.read() as connection:
        facts = readings.state(lambda statement: connection.execute(text(statement)).all())
    return Counter(int(source.rpartition("/")[2]) for source, _ in facts["ledger"])
