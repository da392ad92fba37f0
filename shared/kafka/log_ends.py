"""Where the logs end, measured again and again: what is behind, lost, grown or never fetched."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.kafka import hunger
from shared.kafka.partition_counts import PartitionCounts
from shared.kafka.positions import LogLostError, Place, Positions
from shared.kafka.records import more_to_fetch, seek
from shared.kafka.sink import Sink
from shared.kafka.watch import Watch
from shared.runtime.clock import Clock
from shared.runtime.telemetry import CONSUMER_LAG_RECORDS, CONSUMER_LAG_SECONDS

log = structlog.get_logger(__name__)

CALL_SECONDS = 5.0


class LogEnds:
    """Measures beside the consumer loop, which asks `check` at each turn whether it may go on.

    `is_writing` tells whether the loop waits for its sink: then it is not the client that waits.
    """

    def __init__(
        self,
        topics: Sequence[str],
        sink: Sink,
        positions: Positions,
        watch: Watch,
        clock: Clock,
        is_writing: Callable[[], bool],
    ) -> None:
        self._topics = topics
        self._sink = sink
        self._positions = positions
        self._watch = watch
        self._clock = clock
        self._is_writing = is_writing
        self._counts = PartitionCounts()
        self._hunger = hunger.Hunger()
        self._lost: LogLostError | None = None
        self._held: frozenset[Place] | None = None

    def renew(self) -> None:
        """Begin anew with another client."""
        self._hunger = hunger.Hunger()

    def assigned(self, places: Iterable[Place]) -> None:
        """Take note of what this member reads from now on: of no other lag does it tell."""
        self._held = frozenset(places)

    def check(self) -> None:
        """Raise `LogLostError` or `WedgedError` when the loop cannot go on with this client."""
        if self._lost is not None:
            raise self._lost
        hungry = self._hunger.lasts(self._clock.monotonic())
        if hungry > hunger.WEDGED_SECONDS:
            raise hunger.WedgedError(f"records wait, and none has come for {hungry:.0f} s")

    async def measure(self, client: AIOKafkaConsumer) -> None:
        """Ask for the ends and tell the sink; what is found is kept for `check`."""
        self._forget_others()
        known = {topic: client.partitions_for_topic(topic) for topic in self._topics}
        self._counts.see({topic: len(found) for topic, found in known.items() if found})
        asked = self._positions.located()
        if not asked:
            return
        partitions = [TopicPartition(*place) for place in asked]
        behind: dict[Place, int] = {}  # also when no broker tells
        asked_at = self._clock.monotonic()
        with contextlib.suppress(KafkaError, TimeoutError):
            found = await asyncio.wait_for(client.end_offsets(partitions), CALL_SECONDS)
            ends = {Place(*partition): end for partition, end in found.items()}
            try:
                behind = await self._look(client, asked, ends, asked_at)
            except LogLostError as error:
                self._lost = error  # the loop is to end, not this side task
        self._hunger.looked(behind, self._clock.monotonic())

    def _forget_others(self) -> None:
        """Take down the lag of partitions that another process tells of.

        At each measurement, not at the rebalance: one that was under way then sets them again.
        """
        if self._held is None:
            return
        for gauge in (CONSUMER_LAG_RECORDS, CONSUMER_LAG_SECONDS):
            for told in [one.labels for family in gauge.collect() for one in family.samples]:
                if Place(told["topic"], int(told["partition"])) not in self._held:
                    gauge.remove(told["topic"], told["partition"])

    async def _look(
        self,
        client: AIOKafkaConsumer,
        asked: Mapping[Place, int],
        ends: Mapping[Place, int],
        asked_at: float,
    ) -> dict[Place, int]:
        """Notice what the client does not tell; return the places that it is behind in."""
        seek(client, self._watch.measured(asked, ends, self._clock.monotonic()))
        others = self._counts.others(ends)
        for place in self._watch.observed(await self._sink.measured(ends, others, asked_at)):
            log.warning("another process has moved the offset, locating", place=str(place))
        if self._is_writing():
            return {}
        positions = self._positions
        left = {place: at for place, at in asked.items() if place not in positions.waiting}
        behind = await more_to_fetch(client, left, ends)
        self._watch.read_up(left.keys() - behind.keys())
        return behind
