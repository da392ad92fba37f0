"""Faults that no retry mends: each is said, with its fix, and loses nothing meanwhile."""

import random
import re
import subprocess
import sys
import time
from itertools import islice

import httpx
import psycopg
import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from tests.chaos import log, readings
from tests.chaos.arena import INBOUND, MAIN_TOPIC, Arena
from tests.chaos.product import retire
from tests.support.kafka import KafkaBroker
from tests.support.waiting import eventually
from tests.support.world import World

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

HEALTH = re.compile(r'"metrics_port": (\d+)')


@pytest.fixture
def arena(request, kafka_broker, postgres_server):
    """Real servers and a load, from a seed that is printed."""
    with Arena(request.node.name, random.randrange(10**9)) as opened:
        yield opened


def said(member, words):
    """Wait until a process's log has these words; return the log."""
    eventually(lambda: words in member.log, what=f"{words!r} in the log of {member.name}")
    return member.log


def probe(member, path):
    """Return what a process answers to a probe."""
    port = eventually(lambda: HEALTH.search(member.log), what="a port")[1]
    return httpx.get(f"http://127.0.0.1:{port}/{path}")


def readiness(member):
    return probe(member, "readyz")


def doctor(world):
    """Return what `leadline doctor` says."""
    done = world.spawn("services.cli", "doctor")
    done.wait(60)
    return done.log.read_text()


def test_events_with_old_times_survive_retention_and_would_not_under_their_producers_time(arena):
    admin = AdminClient({"bootstrap.servers": arena.broker.bootstrap})
    careless = {"message.timestamp.type": "CreateTime", "retention.ms": str(30 * 86_400_000)}
    admin.create_topics([NewTopic("careless", 1, 1, config=careless)])["careless"].result(10)
    ours = [r for r in islice(arena.load.records, 4_000) if r.topic == MAIN_TOPIC][:500]

    arena.load.send(ours)
    arena.load.send([record._replace(topic="careless") for record in ours])

    # Their times are months old; the check that deletes what is past retention runs every second.
    eventually(lambda: log.first_offset(arena.broker.bootstrap, "careless", 0) > 0, what="loss")
    time.sleep(2)
    assert len(log.read(arena.broker.bootstrap, {MAIN_TOPIC})) == 500
    arena.ingest("late")
    arena.load.acknowledged = [a for a in arena.load.acknowledged if a[0] != "careless"]
    summary = arena.verdict()
    assert (summary["lost"], summary["doubled"], summary["differing"]) == (0, 0, 0), summary


def test_a_database_locked_for_seven_seconds_and_then_killed_loses_nothing(arena):
    arena.ingest("one")
    arena.ingest("two")
    arena.load.start()
    arena.progressed("start")

    locking = psycopg.connect(arena.direct_url)
    locking.execute("LOCK TABLE consumer_offset IN EXCLUSIVE MODE")
    time.sleep(7)
    arena.postgres.kill()
    locking.close()
    arena.postgres.restart()
    arena.progressed("locked, then killed")

    summary = arena.verdict()
    assert (summary["lost"], summary["doubled"], summary["differing"]) == (0, 0, 0), summary


def test_two_processes_under_one_name_are_never_silent_and_lose_nothing(arena):
    first = arena.ingest("one")
    arena.load.start()
    arena.progressed("start")
    twin = arena.member("twin", "services.ingest", LEADLINE_KAFKA_INSTANCE_ID="one")

    said(twin, "two processes under one name")
    answer = readiness(twin)
    assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "LEADLINE_KAFKA_INSTANCE_ID=one" in answer.text

    del arena.members["one"]
    first.kill()
    eventually(lambda: readiness(twin).status_code == httpx.codes.OK, what="readiness")
    arena.progressed("twin alone")
    summary = arena.verdict()
    assert (summary["lost"], summary["doubled"], summary["differing"]) == (0, 0, 0), summary


def test_records_that_retention_took_before_they_were_read_stop_ingest_and_none_is_skipped(arena):
    arena.ingest("one")
    arena.load.send_next(1_000)
    arena.drain()
    stood = readings.offsets(arena.rows)
    retire(arena, "one")
    arena.load.send_next(1_000)
    ends = {place: end for place, (_, end) in log.ends(arena.broker.bootstrap).items()}
    place = max(stood, key=lambda place: ends[place] - stood[place])
    assert ends[place] - stood[place] > 1
    admin = AdminClient({"bootstrap.servers": arena.broker.bootstrap})
    taken = TopicPartition(*place, stood[place] + 1)
    admin.delete_records([taken])[taken].result(20)

    member = arena.ingest("one")

    eventually(lambda: member.ended() is not None, what="the end")
    assert member.ended() == 1
    words = f"leadline topics adopt {place[0]}"
    assert words in member.log, member.log[-800:]
    assert readings.offsets(arena.rows)[place] == stood[place]


def test_a_client_that_has_stopped_fetching_is_replaced(arena):
    member = arena.ingest("one", "--stop-fetching-s=3")
    arena.load.start()
    arena.progressed("start")

    eventually(lambda: "records wait, and none has come" in member.log, what="a word of it")
    arena.progressed("replaced")
    assert member.ended() is None

    summary = arena.verdict()
    assert (summary["lost"], summary["doubled"], summary["differing"]) == (0, 0, 0), summary


def test_a_frozen_database_makes_ingest_unready_but_is_no_reason_to_restart_it(arena):
    member = arena.ingest("one", "--stalled-s=2")
    arena.load.start()
    arena.progressed("start")

    arena.postgres.freeze()
    try:
        eventually(lambda: "no answer from the database" in readiness(member).text, what="a word")
        assert probe(member, "livez").status_code == httpx.codes.OK
    finally:
        arena.postgres.thaw()
    eventually(lambda: readiness(member).status_code == httpx.codes.OK, what="readiness")
    arena.progressed("thawed")

    summary = arena.verdict()
    assert (summary["lost"], summary["doubled"], summary["differing"]) == (0, 0, 0), summary


def test_a_missing_topic_is_named_at_the_start_and_by_doctor_and_then_found(
    kafka_broker, postgres_url, tmp_path
):
    broker = KafkaBroker()
    try:
        world = World(broker.start(), postgres_url, tmp_path)
        early = world.spawn("services.ingest")
        eventually(lambda: "topics are missing" in early.log.read_text(), what="the reason")
        lacking = min(INBOUND)
        world.apply_topics()
        admin = AdminClient({"bootstrap.servers": broker.bootstrap})
        admin.delete_topics([lacking])[lacking].result(10)
        eventually(lambda: lacking not in log.topics(broker.bootstrap), what="the deletion")

        late = world.spawn("services.ingest")

        wanted = f"topics are missing: {lacking}; run `leadline topics apply`"
        eventually(lambda: wanted in late.log.read_text(), what="the topic's name")
        assert wanted in doctor(world)

        world.apply_topics()
        eventually(lambda: "partitions assigned" in late.log.read_text(), what="the start")
    finally:
        world.close()
        broker.close()


WITHOUT_CRAMJAM = """
import sys
sys.modules["cramjam"] = None
from services.cli.__main__ import main
sys.argv = ["leadline", *sys.argv[1:]]
main()
"""


def test_a_missing_codec_is_named_by_doctor_and_at_the_start(arena):
    environ = {
        "LEADLINE_DATABASE_URL": arena.direct_url,
        "LEADLINE_KAFKA_BOOTSTRAP": arena.broker.bootstrap,
        "LEADLINE_METRICS_PORT": "0",
        "LEADLINE_LOG_FORMAT": "json",
    }

    def leadline(command):
        return subprocess.Popen(
            [sys.executable, "-c", WITHOUT_CRAMJAM, command],
            env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    wanted = "records compressed by snappy, lz4, zstd cannot be read"
    checked = leadline("doctor")
    assert wanted in checked.communicate(timeout=60)[0]
    assert checked.returncode == 1
    started = leadline("ingest")
    try:
        assert any(wanted in line for line in started.stdout)
    finally:
        started.kill()
        started.communicate()
