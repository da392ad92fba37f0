import asyncio

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.kafka import embedded
from shared.kafka.embedded import SESSION_TIMEOUT_MS, EmbeddedBroker, EmbeddedBrokerError


async def test_a_group_member_reads_what_was_produced_with_key_and_headers():
    with EmbeddedBroker({"a.v1": 12, "b.v1": 3}) as broker:
        producer = AIOKafkaProducer(
            bootstrap_servers=broker.bootstrap, acks="all", enable_idempotence=True
        )
        await producer.start()
        for number in range(100):
            await producer.send_and_wait(
                "a.v1", b"%d" % number, key=b"k%d" % (number % 7), headers=[("h", b"x")]
            )
        await producer.stop()
        consumer = AIOKafkaConsumer(
            "a.v1",
            bootstrap_servers=broker.bootstrap,
            group_id="g",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=SESSION_TIMEOUT_MS,
        )
        async with asyncio.timeout(10):
            await consumer.start()
            records = []
            while len(records) < 100:
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    records += batch
        assert len(consumer.assignment()) == 12
        await consumer.stop()
    assert sorted(int(record.value) for record in records) == list(range(100))
    assert {record.headers for record in records} == {(("h", b"x"),)}


def test_every_start_is_another_cluster():
    with EmbeddedBroker({"a": 1}) as one, EmbeddedBroker({"a": 1}) as two:
        assert one.cluster_id != two.cluster_id
        assert one.bootstrap != two.bootstrap


def test_closing_twice_is_harmless():
    broker = EmbeddedBroker({"a": 1})
    broker.close()
    broker.close()


def test_without_the_library_the_error_says_what_to_do(monkeypatch):
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(EmbeddedBrokerError, match="install leadline again"):
        embedded.library_path()
