"""Ingest on a real broker and a real PostgreSQL: both wire modes, groups, restarts, kills."""

import asyncio
import json
import signal
import time
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from tests.support import process
from tests.support.cloudevents import START, booking, event
from tests.support.sums import total

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

TOPIC = "leadline.booking.v1"
EVENTS = "SELECT count(*) FROM event"
TOTAL = f"SELECT sum(records_total)::int FROM consumer_offset WHERE topic = '{TOPIC}'"
UNKNOWN_LAG = """
SELECT count(*) FROM consumer_offset
LEFT JOIN partition_lag l USING (cluster_id, topic, partition)
WHERE l.measured_at IS NULL OR l.measured_at = 0
"""


async def produce(world, messages):
    """Send (topic, key, value, headers) and wait for the acknowledgements."""
    producer = AIOKafkaProducer(
        bootstrap_servers=world.broker.bootstrap,
        enable_idempotence=True,
        max_request_size=4 * 1024 * 1024,
    )
    await producer.start()
    try:
        waiting = [
            await producer.send(topic, value, key=key, headers=list(headers))
            for topic, key, value, headers in messages
        ]
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()


def bookings(count, *, first=0, accounts=40):
    """Bookings, one day in time after the other, spread over accounts."""
    for n in range(first, first + count):
        account = f"ACC-{n % accounts}"
        value = booking(f"B{n}", account=account, at=START + timedelta(minutes=n), teu=1)
        yield TOPIC, account.encode(), value, ()


def send(world, messages):
    asyncio.run(produce(world, messages))


def test_both_wire_modes_become_the_same_facts(world):
    structured = booking("B1", id="one", account="ACC-1")
    envelope = json.loads(structured)
    data = json.dumps(envelope.pop("data")).encode()
    envelope |= {"id": "two"}
    headers = [(f"ce_{k}", v.encode()) for k, v in envelope.items() if k != "datacontenttype"]
    headers.append(("content-type", b"application/json"))
    kind = [("content-type", b"application/cloudevents+json")]
    world.spawn("services.ingest")

    send(world, [(TOPIC, b"ACC-1", structured, kind), (TOPIC, b"ACC-1", data, headers)])

    world.wait_for(EVENTS, 2)
    rows = world.rows("SELECT event_id, time, data FROM event ORDER BY event_id")
    assert [row[0] for row in rows] == ["one", "two"]
    assert rows[0][1] == rows[1][1]
    assert json.loads(bytes(rows[0][2])) == json.loads(bytes(rows[1][2]))


def test_a_null_key_is_accepted_and_a_foreign_key_is_a_dead_letter(world):
    world.spawn("services.ingest")

    send(world, [(TOPIC, None, booking("B1"), ()), (TOPIC, b"OTHER", booking("B2"), ())])

    world.wait_for(EVENTS, 1)
    world.wait_for("SELECT count(*) FROM dead_letter WHERE reason = 'key_mismatch'", 1)


def test_dead_letters_reach_their_topic_byte_for_byte_with_reason_and_origin(world):
    bad = [b"\xff\xfe", b"{", b"", b'{"id": 1}', booking("B1", teu=-1), b"x" * 1_100_000]
    world.spawn("services.ingest")

    send(world, [(TOPIC, b"ACC-1", value, [("trace", b"t1")]) for value in bad])
    send(world, [(TOPIC, b"ACC-1", None, ()), *bookings(1)])

    world.wait_for("SELECT count(*) FROM dead_letter", len(bad) + 1)
    world.wait_for("SELECT count(*) FROM ingest_outbox", 0)
    letters = asyncio.run(read_all(world, f"{TOPIC}.dlq", len(bad) + 1))
    assert sorted(each.value or b"" for each in letters) == sorted([*bad, b""])
    for letter in letters:
        headers = dict(letter.headers)
        assert headers["leadline-topic"] == TOPIC.encode()
        assert headers["leadline-reason"]
        assert int(headers["leadline-offset"]) >= 0
    world.wait_for(EVENTS, 1)


async def read_all(world, topic, count):
    """Read a topic from its beginning, without a group."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=world.broker.bootstrap, auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )  # fmt: skip
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
        if not partitions:
            await consumer._client.force_metadata_update()
            await consumer.topics()
            consumer.subscribe([topic])
        else:
            consumer.assign(partitions)
        found = []
        deadline = time.perf_counter() + 20
        while len(found) < count and time.perf_counter() < deadline:
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found += records
        return found
    finally:
        await consumer.stop()


def test_two_members_share_the_partitions_and_one_takes_over_when_the_other_leaves(world):
    first = world.spawn("services.ingest")
    send(world, bookings(400))
    world.wait_for(EVENTS, 400)
    second = world.spawn("services.ingest")
    send(world, bookings(400, first=400))
    world.wait_for(EVENTS, 800)

    first.send_signal(signal.SIGTERM)
    assert first.wait(12) == 0
    send(world, bookings(400, first=800))

    world.wait_for(EVENTS, 1200)
    assert second.poll() is None
    assert total(world.database_url, "business") == 1200


def test_a_killed_members_partitions_are_taken_over_within_fifteen_seconds(world):
    doomed, heir = world.spawn("services.ingest"), world.spawn("services.ingest")
    send(world, bookings(400))
    world.wait_for(EVENTS, 400)

    process.kill(doomed)
    begun = time.perf_counter()
    send(world, bookings(400, first=400))
    world.wait_for(EVENTS, 800, timeout_s=20)

    assert time.perf_counter() - begun < 15
    assert heir.poll() is None


def test_history_with_old_times_is_kept_by_the_topics(world):
    send(world, bookings(50))

    time.sleep(2)
    world.spawn("services.ingest")

    world.wait_for(EVENTS, 50)


def test_a_topic_made_again_stops_ingest_with_the_command_to_go_on(world):
    member = world.spawn("services.ingest")
    send(world, bookings(100, accounts=1))
    world.wait_for(EVENTS, 100)
    member.send_signal(signal.SIGTERM)
    member.wait(12)

    asyncio.run(make_again(world))
    send(world, bookings(150, first=500, accounts=1))
    member = world.spawn("services.ingest")

    assert member.wait(30) == 1
    assert "leadline topics adopt leadline.booking.v1" in member.log.read_text()


def test_an_adopted_topic_with_fewer_partitions_is_read_on_and_its_lag_is_known(world):
    member = world.spawn("services.ingest")
    send(world, bookings(100))
    world.wait_for(EVENTS, 100)
    member.send_signal(signal.SIGTERM)
    member.wait(12)
    asyncio.run(make_again(world, partitions=2))

    assert world.spawn("services.cli", "topics", "adopt", TOPIC).wait(60) == 0
    world.spawn("services.ingest")
    send(world, bookings(50, first=500))

    world.wait_for(EVENTS, 150)
    world.wait_for(TOTAL, 150)
    world.wait_for(UNKNOWN_LAG, 0)


async def make_again(world, partitions=4):
    from aiokafka.admin import AIOKafkaAdminClient

    from shared.kafka.admin import apply_topics

    admin = AIOKafkaAdminClient(bootstrap_servers=world.broker.bootstrap)
    await admin.start()
    await admin.delete_topics([TOPIC])
    await admin.close()
    for _ in range(50):
        states = await apply_topics(world.settings, partitions=partitions)
        if any(state.outcome == "created" for state in states):
            return
        await asyncio.sleep(0.2)


def test_a_flood_of_bad_records_opens_the_breaker_and_resume_closes_it(world):
    from services.ingest.store.breakers import close_breakers
    from shared.store.session import Database

    world.spawn("services.ingest")
    send(world, [(TOPIC, b"ACC-%d" % (n % 5), b"not json", ()) for n in range(400)])
    world.wait_for("SELECT count(*) FROM breaker", 1)
    kept = world.value("SELECT count(*) FROM dead_letter")
    assert kept < 400

    good = [("leadline.touchpoint.v1", b"ACC-1",
             event("touchpoint", {"ref": "T1", "phase": "held"}, id="t1"), ())]  # fmt: skip
    send(world, good)
    world.wait_for(EVENTS, 1)

    for _ in range(8):
        database = Database(world.database_url)
        close_breakers(database)
        database.close()
        time.sleep(1.5)
    world.wait_for("SELECT count(*) FROM dead_letter", 400)
