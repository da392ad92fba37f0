"""What is read from topics without a group."""

import asyncio

from aiokafka import AIOKafkaProducer

from shared.kafka.embedded import EmbeddedBroker
from shared.kafka.reader import tail
from shared.runtime.settings import Settings


async def test_all_that_was_written_before_the_end_was_called_is_heard():
    heard, stop = [], asyncio.Event()
    with EmbeddedBroker({"a.v1": 3, "b.v1": 1}) as broker:
        producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap, acks="all")
        await producer.start()
        for number in range(50):
            await producer.send_and_wait("a.v1", b"%d" % number, key=b"k%d" % number)
        await producer.stop()

        stop.set()
        settings = Settings(kafka_bootstrap=broker.bootstrap, _env_file=None)
        async with asyncio.timeout(20):
            await tail(settings, ["a.v1", "b.v1"], heard.append, stop)

    assert sorted(int(record.value) for record in heard) == list(range(50))
