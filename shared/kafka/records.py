"""Small dealings with the client: moving it, and looking at records in hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.kafka.positions import Place, Seek, record_digest


def seek(client: AIOKafkaConsumer, seeks: Iterable[Seek]) -> None:
    """Have the client read on elsewhere."""
    for place, offset in seeks:
        client.seek(TopicPartition(*place), offset)


def digests(records: Sequence[ConsumerRecord]) -> Callable[[int], str | None]:
    """Return a look-up of the digest of the record at an offset; None when it is not in hand."""

    def digest_at(offset: int) -> str | None:
        for record in records:
            if record.offset == offset:
                return record_digest(record.value, record.key, record.timestamp)
        return None

    return digest_at


async def more_to_fetch(
    client: AIOKafkaConsumer, asked: Mapping[Place, int], ends: Mapping[Place, int]
) -> dict[Place, int]:
    """Return those places, with their values, up to whose logs' ends the client has not read.

    It goes past transaction markers by itself, which the records handed out do not show.
    """
    return {
        place: value
        for place, value in asked.items()
        if await client.position(TopicPartition(*place)) < ends.get(place, 0)
    }
