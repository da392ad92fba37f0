"""The relay on a real broker: nothing lost, the same bytes, in order, whatever is killed."""

import asyncio
import json
import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from services.signals.store.outbox import TOPICS, Message, enqueue
from shared.store.session import Database
from tests.support import process

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ACCOUNTS = 40
PENDING = "SELECT count(*) FROM signal_outbox"
STREAMED = "SELECT count(*) FROM stream_event"


@pytest.fixture
def outbox(world):
    """What signals would put in its outbox: `tell(count)` adds events to it."""
    database = Database(world.database_url)
    yield Outbox(database)
    database.close()


class Outbox:
    """Writes the outbox as signals does, and remembers what it wrote, in order."""

    def __init__(self, database):
        self._database = database
        self._told = 0

    def tell(self, count):
        kinds = list(TOPICS)
        messages = [
            Message(
                kinds[number % len(kinds)], f"{number}", 1, f"ACC-{number % ACCOUNTS}", None,
                NOW + timedelta(seconds=number), {"number": number, "said": "Hàng đã đi ✓"},
            )
            for number in range(self._told, self._told + count)
        ]  # fmt: skip
        self._told += count
        with self._database.write() as connection:
            enqueue(connection, messages, NOW)

    def rows(self, world):
        """Return (topic, key, id, body) of what waits, in order."""
        found = world.rows("SELECT topic, key, event_id, body FROM signal_outbox ORDER BY id")
        return [(topic, key, event_id, bytes(body)) for topic, key, event_id, body in found]


async def read_to_the_end(bootstrap, topics):
    """Return (topic, key, value) of every record, each partition in its order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        cluster = await consumer._client.fetch_all_metadata()
        places = [TopicPartition(t, p) for t in topics for p in cluster.partitions_for_topic(t)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found = []
        deadline = time.perf_counter() + 30
        while any([await consumer.position(p) < ends[p] for p in places]):
            assert time.perf_counter() < deadline
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += [(r.topic, r.key.decode(), r.value) for r in records]
        return found
    finally:
        await consumer.stop()


def compare(world, told):
    """Every event is there, with its own bytes, first seen in the order of its account."""
    records = asyncio.run(read_to_the_end(world.broker.bootstrap, TOPICS.values()))
    bodies = {event_id: body for _, _, event_id, body in told}
    first_seen = {}
    for topic, key, value in records:
        event_id = json.loads(value)["id"]
        assert value == bodies[event_id]
        order = first_seen.setdefault((topic, key), [])
        if event_id not in order:
            order.append(event_id)
    expected = {}
    for topic, key, event_id, _ in told:
        expected.setdefault((topic, key), []).append(event_id)
    assert first_seen == expected
    return len(records)


def test_what_waits_reaches_its_topics_byte_for_byte_in_order_per_account(world, outbox):
    outbox.tell(1_500)
    told = outbox.rows(world)

    world.spawn("services.signals")

    world.wait_for(PENDING, 0)
    assert compare(world, told) == len(told)
    stream = world.rows("SELECT event_id FROM stream_event ORDER BY id")
    assert [event_id for (event_id,) in stream] == [event_id for _, _, event_id, _ in told]


@pytest.mark.timeout(240)
def test_kills_of_the_relay_and_of_the_broker_lose_nothing(world, outbox):
    seed = random.randrange(10**9)
    rng = random.Random(seed)
    print(f"seed {seed}")  # noqa: T201
    told, interrupted = {}, 0
    for turn in range(3):
        outbox.tell(4_000)
        told |= dict.fromkeys(outbox.rows(world))
        member = world.spawn("services.signals")
        wait_for_progress(world, member)
        if turn % 3 == 1:
            world.broker.kill()
            time.sleep(rng.uniform(0, 0.5))
        else:
            time.sleep(rng.uniform(0, 0.15))
        process.kill(member)
        interrupted += world.value(PENDING) > 0
        if turn % 3 == 1:
            world.broker.restart()
    assert interrupted, "every kill came too late"
    outbox.tell(4_000)
    told |= dict.fromkeys(outbox.rows(world))
    survivor = world.spawn("services.signals")
    wait_for_progress(world, survivor)
    world.broker.kill()
    world.broker.restart()

    world.wait_for(PENDING, 0, timeout_s=90)
    assert survivor.poll() is None
    compare(world, told)
    assert sorted(world.rows("SELECT event_id FROM stream_event")) == sorted(
        (event_id,) for _, _, event_id, _ in told
    )


def wait_for_progress(world, member):
    """Wait until the relay has moved something that waited."""
    before = world.value(STREAMED)
    deadline = time.perf_counter() + 60
    while world.value(STREAMED) == before and world.value(PENDING):
        in_time = member.poll() is None and time.perf_counter() < deadline
        assert in_time, process.tail(member.log)
        time.sleep(0.005)


def test_an_event_told_again_after_a_rebuild_holds_nothing_up(world, outbox):
    outbox.tell(30)
    told = outbox.rows(world)
    world.spawn("services.signals")
    world.wait_for(PENDING, 0)

    outbox._told = 10
    outbox.tell(40)

    world.wait_for(STREAMED, 50)
    world.wait_for(PENDING, 0)
    records = asyncio.run(read_to_the_end(world.broker.bootstrap, TOPICS.values()))
    assert len(records) == 50
    assert {event_id for _, _, event_id, _ in told} < {json.loads(r[2])["id"] for r in records}
