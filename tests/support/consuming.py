"""What the consumer loop needs around it: a client and a sink of which nothing comes by itself."""

import asyncio
from typing import NamedTuple

from aiokafka.structs import TopicPartition

from shared.kafka.positions import Place, Stand

TOPICS = ("complaint", "booking")
COMPLAINTS, BOOKINGS = (TopicPartition(topic, 0) for topic in TOPICS)


class Record(NamedTuple):
    offset: int
    value: bytes = b"{}"
    key: bytes = b"A"
    timestamp: int = 0


class Portion(NamedTuple):
    place: Place
    following: int
    records: int


class LoopClock:
    def monotonic(self):
        return asyncio.get_running_loop().time()


class EmptyClient:
    """Has empty logs and hands out nothing; what follows overrides what a test is about."""

    def subscribe(self, topics, listener):
        self.listener = listener

    async def start(self): ...

    async def getmany(self, *partitions, timeout_ms, max_records):
        await asyncio.sleep(0)
        return {}

    def seek(self, partition, offset): ...

    def partitions_for_topic(self, topic):
        return {0}

    async def beginning_offsets(self, partitions):
        return dict.fromkeys(partitions, 0)

    async def end_offsets(self, partitions):
        return dict.fromkeys(partitions, 0)

    async def position(self, partition):
        return 0

    async def commit(self, offsets): ...

    async def stop(self): ...


class OpenSink:
    """Stands at the beginning and wants everything; `write` is the test's."""

    async def locate(self, places):
        return dict.fromkeys(places, Stand(0))

    def take(self, place, expected, records):
        return Portion(place, records[-1].offset + 1, len(records))

    def wants(self, place):
        return True

    async def measured(self, ends, others, asked_at):
        return {}
