"""The test servers themselves: they serve, survive a kill, and leave nothing behind."""

import time

import psycopg
import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic
from sqlalchemy import text

from tests.support.kafka import KafkaBroker
from tests.support.process import alive, children


@pytest.fixture
def own_broker(kafka_broker):
    """A broker that this test may kill; asking for the session's proves that there can be one."""
    broker = KafkaBroker().start()
    yield broker
    broker.close()


@pytest.mark.kafka
def test_a_record_survives_the_kill_of_its_broker(own_broker):
    admin = AdminClient({"bootstrap.servers": own_broker.bootstrap})
    admin.create_topics([NewTopic("t", 1, 1)])["t"].result(10)
    producer = Producer({"bootstrap.servers": own_broker.bootstrap})
    producer.produce("t", b"kept")
    assert producer.flush(10) == 0
    before = own_broker.pid
    own_broker.kill()
    own_broker.restart()
    assert own_broker.pid != before
    assert read_one(own_broker.bootstrap, "t") == b"kept"


def read_one(bootstrap, topic):
    settings = {"bootstrap.servers": bootstrap, "group.id": "g", "auto.offset.reset": "earliest"}
    consumer = Consumer(settings)
    consumer.subscribe([topic])
    try:
        deadline = time.perf_counter() + 20
        while time.perf_counter() < deadline:
            message = consumer.poll(1)
            if message is not None and message.error() is None:
                return message.value()
    finally:
        consumer.close()


@pytest.mark.postgres
def test_a_killed_postgres_takes_its_backends_with_it_and_keeps_commits(durable_postgres):
    server = durable_postgres
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        backends = children(server.pid)
        assert connection.info.backend_pid in backends
        server.kill()
        assert not any(map(alive, backends))
    server.restart()
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_database_of_either_kind_has_the_schema(database):
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM account")).scalar() == 0
