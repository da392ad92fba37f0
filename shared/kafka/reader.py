"""Reading topics without a group: what came out, and where a log begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.kafka.admin import partition_count
from shared.kafka.clients import connection_options, stop_client
from shared.kafka.odd_headers import read_odd_headers
from shared.runtime.settings import Settings

POLL_MS = 100


class Heard(NamedTuple):
    """One record of a topic."""

    topic: str
    key: bytes | None
    value: bytes | None


async def tail(
    settings: Settings, topics: Sequence[str], hear: Callable[[Heard], None], stop: asyncio.Event
) -> None:
    """Hand every record of the topics to `hear`, up to those written by when it is told to stop."""
    read_odd_headers()
    client = AIOKafkaConsumer(
        *topics,
        group_id=None,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        **connection_options(settings),
    )
    await client.start()
    try:
        while not stop.is_set():
            await _hear_some(client, hear)
        ends = await client.end_offsets(client.assignment())
        while any([await client.position(place) < end for place, end in ends.items()]):
            await _hear_some(client, hear)
    finally:
        await stop_client(client)


async def _hear_some(client: AIOKafkaConsumer, hear: Callable[[Heard], None]) -> None:
    for records in (await client.getmany(timeout_ms=POLL_MS)).values():
        for record in records:
            hear(Heard(record.topic, record.key, record.value))


async def first_offsets(settings: Settings, topic: str) -> dict[int, int]:
    """Return the first offset that each partition's log holds; empty without such a topic."""
    places = [TopicPartition(topic, at) for at in range(await partition_count(settings, topic))]
    if not places:
        return {}
    client = AIOKafkaConsumer(group_id=None, **connection_options(settings))
    await client.start()
    try:
        begins = await client.beginning_offsets(places)
        return {place.partition: offset for place, offset in begins.items()}
    finally:
        await stop_client(client)
