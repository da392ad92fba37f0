"""A client that fails is stopped, and another one made; what failed is said until one works."""

import asyncio
from typing import NamedTuple

import pytest
from aiokafka.errors import KafkaConnectionError, KafkaError, UnknownError

from shared.kafka import consumer, hunger
from shared.kafka.consumer import ConsumerLoop
from tests.support.consuming import (
    BOOKINGS,
    COMPLAINTS,
    TOPICS,
    EmptyClient,
    LoopClock,
    OpenSink,
    Record,
)


class Client(EmptyClient):
    """Fails at one call, or tells the world that it works."""

    def __init__(self, world, *, fails_at=None, error=None, works=None):
        self.world, self.fails_at, self.error, self.works = world, fails_at, error, works

    async def start(self):
        self.world.append("start")
        self._fail("start")

    async def getmany(self, *partitions, timeout_ms, max_records):
        self._fail("getmany")
        if "works" in self.world:
            self.works.set()  # the turn before is over
        self.world.append("works")
        await asyncio.sleep(0)
        return {}

    async def stop(self):
        self.world.append("stop")

    def _fail(self, call):
        if call == self.fails_at:
            raise self.error


class Sink(OpenSink):
    """Counts what it takes and what it writes."""

    def __init__(self):
        self.taken, self.written = [], []

    def take(self, place, expected, records):
        self.taken += [record.offset for record in records]
        return super().take(place, expected, records)

    async def write(self, portions):
        await asyncio.sleep(0)
        self.written += [portion.following - 1 for portion in portions]


class Seen(NamedTuple):
    """What happened to the clients, what the loop said before each and in the end, its sink."""

    world: list
    said: list
    sink: Sink


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch):
    monkeypatch.setattr(consumer, "START_RETRY_SECONDS", 0.0)


def consume(*failing, **how):
    """Give the loop each failing client, then one that works; return what each saw and said.

    A client is made of the world, in which it notes what happens to it.
    """

    async def until_works():
        stop, works, world, said = asyncio.Event(), asyncio.Event(), [], []
        makers = iter([*failing, lambda world: Client(world, works=works)])
        sink = Sink()

        def next_client():
            said.append(loop.fault())
            return next(makers)(world)

        loop = ConsumerLoop(next_client, TOPICS, sink, LoopClock(), **how)
        running = asyncio.create_task(loop.run(stop))
        working = asyncio.create_task(works.wait())
        await asyncio.wait({running, working}, return_when=asyncio.FIRST_COMPLETED)
        said.append(loop.fault())
        stop.set()
        await running
        return Seen(world, said, sink)

    return asyncio.run(until_works())


def fails_at(call, error):
    return lambda world: Client(world, fails_at=call, error=error)


@pytest.mark.parametrize("error", [KafkaConnectionError("refused"), KafkaError("unexpected")])
@pytest.mark.parametrize("call", ["start", "getmany"])
def test_a_client_that_fails_is_stopped_and_another_is_made(call, error):
    world = consume(fails_at(call, error)).world
    assert world[:4] == ["start", "stop", "start", "works"]
    assert world[-1] == "stop"


def test_why_the_client_failed_is_said_until_another_one_works():
    refused = fails_at("start", KafkaConnectionError("refused"))
    said = consume(refused, fails_at("getmany", UnknownError())).said
    assert "refused" in said[1]
    assert "UnknownError" in said[2]
    assert said[3] is None


class Wedged(Client):
    """Stands before records that are there, and hands out nothing."""

    async def start(self):
        self.world.append("start")
        await self.listener.on_partitions_assigned([BOOKINGS])

    async def getmany(self, *partitions, timeout_ms, max_records):
        await asyncio.sleep(0)
        return {}

    async def end_offsets(self, partitions):
        return dict.fromkeys(partitions, 7)


def test_a_client_that_hands_out_nothing_while_records_wait_is_replaced(monkeypatch):
    monkeypatch.setattr(hunger, "WEDGED_SECONDS", 0.0)
    seen = consume(Wedged, lag_seconds=0.0)
    assert seen.world[:4] == ["start", "stop", "start", "works"]
    assert "records wait" in seen.said[1]


class HandsOutOne(Client):
    """Has a record of bookings, and fails when asked for complaints."""

    async def start(self):
        await self.listener.on_partitions_assigned([COMPLAINTS, BOOKINGS])

    async def getmany(self, *partitions, timeout_ms, max_records):
        await asyncio.sleep(0)
        if partitions:
            raise KafkaError("unexpected")
        return {BOOKINGS: [Record(0)]}


def test_what_was_in_hand_when_the_client_failed_is_written():
    """The sink may have opened a breaker over it, which only its commit makes known."""

    sink = consume(HandsOutOne, first=TOPICS[:1]).sink
    assert sink.written == sink.taken == [0]
