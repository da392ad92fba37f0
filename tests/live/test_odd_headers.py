"""Header names that are no UTF-8, as producers in C may send them, on a real broker."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.producer import message_accumulator, producer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from tests.support.cloudevents import booking

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

TOPIC = "leadline.booking.v1"
CODECS = (None, "gzip", "snappy", "lz4", "zstd")
EVENTS = "SELECT count(*) FROM event"
LETTERS = "SELECT count(*) FROM dead_letter"
PUBLISHED = "SELECT count(*) FROM ingest_outbox"


class Latin(str):
    """A name that goes out in Latin-1."""

    __slots__ = ()

    def encode(self, *_):
        return super().encode("latin-1")


ODD = [(Latin("Größe"), b"1"), ("", None)]


@pytest.fixture(autouse=True)
def _records_are_built_in_python(monkeypatch):
    """The builder in C takes no such names."""
    for module in (message_accumulator, producer):
        monkeypatch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)


async def send(world, codec, records):
    """Send (value, headers) to one partition, in as few batches as they fit in."""
    client = AIOKafkaProducer(
        bootstrap_servers=world.broker.bootstrap, compression_type=codec, linger_ms=200
    )
    await client.start()
    try:
        waiting = [
            await client.send(TOPIC, value, key=b"ACC-1", headers=headers)
            for value, headers in records
        ]
        await asyncio.gather(*waiting)
    finally:
        await client.stop()


def test_neither_the_record_nor_those_around_it_are_lost_and_a_refused_one_says_its_name(world):
    member = world.spawn("services.ingest")
    for codec in CODECS:
        good = [(booking(f"{codec}-{n}"), ODD if n % 7 == 3 else [("a", b"1")]) for n in range(50)]
        asyncio.run(send(world, codec, [*good, (f"{{{codec}".encode(), ODD)]))

    world.wait_for(EVENTS, 50 * len(CODECS))
    world.wait_for(LETTERS, len(CODECS))
    world.wait_for(PUBLISHED, 0)
    assert member.poll() is None
    assert world.value("SELECT sum(records_total)::int FROM consumer_offset") == 51 * len(CODECS)
    assert world.rows("SELECT DISTINCT reason, headers::text FROM dead_letter") == [
        ("not_json", r'[["Gr\\xf6\\xdfe", "MQ=="], ["", null]]')
    ]
