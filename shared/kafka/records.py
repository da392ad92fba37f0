"""Small dealings with the client: moving it, and looking at records in hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from shared.kafka.positions import Seek, record_digest


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
