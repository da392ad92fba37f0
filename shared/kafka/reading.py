"""Records as the client hands them out, to decoded portions: what comes first, first."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError

from shared.kafka.positions import Action, Place, Positions, Seek
from shared.kafka.records import digests, seek
from shared.kafka.sink import Portion, Sink
from shared.runtime.telemetry import GAPS_HEALED

log = structlog.get_logger(__name__)

READ_RETRY_SECONDS = 0.05
MOST_FIRST = 1_000


class Reading:
    """Asks the client for records and has them decoded, as `Positions` decides.

    `first` are topics on which people wait: a client hands out in the order in which it fetched,
    so behind a backlog of the others they would wait for all of it.
    """

    def __init__(self, positions: Positions, sink: Sink, first: Collection[str]) -> None:
        self._positions, self._sink, self._first = positions, sink, frozenset(first)

    def is_first(self, portion: Portion) -> bool:
        """Tell whether a portion is to be written before the others."""
        return portion.place.topic in self._first

    async def some(
        self, client: AIOKafkaConsumer, *, timeout_ms: int, most: int
    ) -> tuple[list[Portion], int]:
        """Return what is to be written of the next records, and how many were read."""
        return await self._read(client, (), timeout_ms, most)

    async def first(self, client: AIOKafkaConsumer) -> list[Portion]:
        """Return what is in hand of the topics that come first."""
        own = [
            TopicPartition(*place)
            for place in self._positions.located()
            if place.topic in self._first and place not in self._positions.waiting
        ]
        if not own:
            return []
        portions, _ = await self._read(client, own, 0, MOST_FIRST)
        return portions

    def resume(self, client: AIOKafkaConsumer) -> None:
        """Go on with partitions that the sink wants again."""
        for place in sorted(self._positions.waiting):
            if self._sink.wants(place):
                self._positions.resumed(place)
                client.resume(TopicPartition(*place))

    async def _read(
        self,
        client: AIOKafkaConsumer,
        partitions: Sequence[TopicPartition],
        timeout_ms: int,
        most: int,
    ) -> tuple[list[Portion], int]:
        try:
            fetched = await client.getmany(*partitions, timeout_ms=timeout_ms, max_records=most)
        except (NoOffsetForPartitionError, OffsetOutOfRangeError) as error:
            self._out_of_range(error)
            await asyncio.sleep(READ_RETRY_SECONDS)
            return [], 0
        made = (self._portion(client, Place(*at), records) for at, records in fetched.items())
        portions = [portion for portion in made if portion is not None]
        return portions, sum(map(len, fetched.values()))

    def _portion(
        self, client: AIOKafkaConsumer, place: Place, records: Sequence[ConsumerRecord]
    ) -> Portion | None:
        """Return what is to be written of the records, decoded."""
        first, last = records[0].offset, records[-1].offset
        action, offset = self._positions.handed(place, first, last, digests(records))
        if action is Action.DROP:
            return None
        if action is Action.SEEK:
            GAPS_HEALED.inc()
            log.warning("gap before a batch, seeking back", place=str(place), expected=offset)
            seek(client, [Seek(place, offset)])
            return None
        fresh = [record for record in records if record.offset >= offset]
        portion = self._sink.take(place, offset, fresh)
        if portion is None:
            # Paused, or the same records would be fetched again and again.
            client.pause(TopicPartition(*place))
            seek(client, self._positions.refused(place))
        else:
            seek(client, self._positions.taken(place, last, portion.following))
        return portion

    def _out_of_range(self, error: KafkaError) -> None:
        offsets = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        for partition, offset in offsets.items():
            if offset is not None:
                self._positions.out_of_range(Place(*partition), offset)
