"""The consumer loop: from partitions to a sink, exactly once in effect.

The listener does no I/O, it only forgets and remembers; the loop reads the database's offsets,
checks that no rebalance came between, and seeks. While one batch is being written the next is
fetched and decoded. `positions` holds every decision; what it guards against was measured on a
real broker.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from hashlib import blake2b

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from shared.kafka.clients import stop_client
from shared.kafka.positions import Place, Positions, Verdict
from shared.kafka.sink import Located, LogLostError, PartitionLostError, Portion, Sink
from shared.runtime.clock import Clock
from shared.runtime.repeat import repeat
from shared.runtime.telemetry import GAPS_HEALED

log = structlog.get_logger(__name__)

POLL_MS = 200
MAX_RECORDS = 10_000
HINT_SECONDS = 2.0
CALL_SECONDS = 5.0
STORM_REBALANCES = 6
STORM_SECONDS = 60.0
START_RETRY_SECONDS = 0.5


def record_digest(record: ConsumerRecord) -> str:
    """Identify a record: enough to see that a topic was deleted and made again."""
    digest = blake2b(record.value or b"", digest_size=12)
    digest.update(b"\0" + (record.key or b""))
    digest.update(str(record.timestamp).encode())
    return digest.hexdigest()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # it has no types
    def __init__(self, loop: ConsumerLoop) -> None:
        self._loop = loop

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:  # noqa: ARG002
        self._loop.positions.revoked()
        self._loop.unverified.clear()
        self._loop.committed.clear()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self._loop.positions.assigned(Place(p.topic, p.partition) for p in assigned)
        self._loop.rebalanced()
        log.info("partitions assigned", count=len(assigned))


class ConsumerLoop:
    """Runs one group member until told to stop."""

    def __init__(
        self,
        make_client: Callable[[], AIOKafkaConsumer],
        topics: Sequence[str],
        sink: Sink,
        clock: Clock,
        *,
        lag_seconds: float = 1.0,
    ) -> None:
        self.positions = Positions()
        self.unverified: dict[Place, str] = {}  # place to the digest its first record must have
        self.committed: dict[Place, int] = {}  # what the database has; `positions` runs ahead
        self.rebalances: deque[float] = deque(maxlen=STORM_REBALANCES)
        self.last_turn = clock.monotonic()
        self._clock = clock
        self._make_client = make_client
        self._topics = topics
        self._sink = sink
        self._lag_seconds = lag_seconds
        self._writing: asyncio.Task[None] | None = None

    def rebalanced(self) -> None:
        """Note a rebalance, and say so when they do not end."""
        before = self.storming()
        self.rebalances.append(self._clock.monotonic())
        if self.storming() and not before:
            log.error("rebalances follow each other: do two processes share one instance id?")

    def storming(self) -> bool:
        """Tell whether rebalances follow each other: as when two processes share one name."""
        full = len(self.rebalances) == STORM_REBALANCES
        return full and self._clock.monotonic() - self.rebalances[0] < STORM_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set, then finish the batch in hand.

        Raises `LogLostError` when records that come next are gone from the log.
        """
        client = await self._started(stop)
        if client is None:
            return
        side = [
            asyncio.create_task(repeat("hint", lambda: self._hint(client), seconds=HINT_SECONDS)),
            asyncio.create_task(
                repeat("lag", lambda: self._measure(client), seconds=self._lag_seconds)
            ),
        ]
        try:
            while not stop.is_set():
                self.last_turn = self._clock.monotonic()
                await self._turn(client)
            await self._settle()
        finally:
            for task in side:
                task.cancel()
            await asyncio.gather(*side, return_exceptions=True)
            await stop_client(client)

    async def _started(self, stop: asyncio.Event) -> AIOKafkaConsumer | None:
        """Return a started client; without a broker it fails at once, so try again."""
        while not stop.is_set():
            client = self._make_client()
            client.subscribe(list(self._topics), listener=_Listener(self))
            try:
                await client.start()
            except KafkaConnectionError as error:
                log.warning("no Kafka broker answers yet", error=str(error))
                await stop_client(client)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), START_RETRY_SECONDS)
            else:
                return client
        return None

    async def _turn(self, client: AIOKafkaConsumer) -> None:
        if self.positions.pending:
            await self._locate(client)
        try:
            fetched = await client.getmany(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        except (NoOffsetForPartitionError, OffsetOutOfRangeError) as error:
            self._check_log(client, error)
            await asyncio.sleep(0.05)
            return
        portions = []
        epoch = self.positions.epoch
        for partition, records in fetched.items():
            place = Place(partition.topic, partition.partition)
            portion = self._portion(client, place, records)
            if portion is not None:
                self.positions.taken(place, portion.following)
                portions.append(portion)
        if portions:
            await self._settle()
            self._writing = asyncio.create_task(self._write(portions, epoch))

    def _portion(
        self, client: AIOKafkaConsumer, place: Place, records: Sequence[ConsumerRecord]
    ) -> Portion | None:
        records = self._verified(place, records)
        if not records:
            return None
        verdict = self.positions.judge(place, records[0].offset, records[-1].offset)
        expected = self.positions.expected(place)
        if verdict is Verdict.DROP or expected is None:
            return None
        if verdict is Verdict.SEEK:
            GAPS_HEALED.inc()
            log.warning("gap before a batch, seeking back", place=place, expected=expected)
            client.seek(TopicPartition(*place), expected)
            return None
        fresh = [record for record in records if record.offset >= expected]
        portion = self._sink.take(place, expected, fresh)
        if portion is None:  # the sink waits; have the records again later
            client.seek(TopicPartition(*place), expected)
        elif portion.following <= fresh[-1].offset:
            client.seek(TopicPartition(*place), portion.following)
        return portion

    def _verified(
        self, place: Place, records: Sequence[ConsumerRecord]
    ) -> Sequence[ConsumerRecord]:
        """Compare the record before the first new one with the one applied in its time."""
        digest = self.unverified.pop(place, None)
        expected = self.positions.expected(place)
        if digest is None or expected is None or not records:
            return records
        first = records[0]
        if first.offset == expected - 1 and record_digest(first) != digest:
            raise LogLostError(
                f"{place.topic}[{place.partition}]: offset {first.offset} is another record than"
                f" the one applied; the topic was made again. Run `leadline topics adopt"
                f" {place.topic}` to begin it again"
            )
        return [record for record in records if record.offset >= expected]

    async def _write(self, portions: Sequence[Portion], epoch: int) -> None:
        lost: Sequence[Place] = ()
        try:
            await self._sink.write(portions)
        except PartitionLostError as error:
            lost = error.places
        for place in lost:
            log.info("fenced, locating again", topic=place.topic, partition=place.partition)
            self.positions.lost(place, epoch)
        if epoch == self.positions.epoch:
            kept = (p for p in portions if p.place not in lost)
            self.committed.update({p.place: p.following for p in kept})

    async def _settle(self) -> None:
        """Wait for the batch being written."""
        if self._writing is not None:
            await self._writing
            self._writing = None

    async def _locate(self, client: AIOKafkaConsumer) -> None:
        """Seek every pending partition to the database's offset."""
        await self._settle()
        epoch, pending = self.positions.epoch, sorted(self.positions.pending)
        partitions = [TopicPartition(*place) for place in pending]
        try:
            begins = await client.beginning_offsets(partitions)
        except KafkaError as error:
            log.warning("cannot read the log's beginning, trying again", error=repr(error))
            await asyncio.sleep(START_RETRY_SECONDS)
            return
        first = {Place(p.topic, p.partition): offset for p, offset in begins.items()}
        for place, located in (await self._sink.locate(first)).items():
            if not self.positions.located(place, located.next_offset, epoch):
                return  # a rebalance came between: this may belong to somebody else by now
            self._seek(client, place, located, first[place])

    def _seek(self, client: AIOKafkaConsumer, place: Place, located: Located, begin: int) -> None:
        """Seek to the next record, or to the one before where it can be compared."""
        target = located.next_offset
        if located.last_digest is not None and target > begin:
            self.unverified[place] = located.last_digest
            target -= 1
        client.seek(TopicPartition(*place), target)

    def _check_log(self, client: AIOKafkaConsumer, error: KafkaError) -> None:
        """Raise when the offset that is out of range is ours; before a seek it means nothing."""
        offsets = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        for partition, offset in offsets.items():
            place = Place(partition.topic, partition.partition)
            expected = self.positions.expected(place)
            if expected is None or offset is None:
                continue
            if place in self.unverified and offset == expected - 1:
                del self.unverified[place]  # the record to compare with has just expired
                client.seek(partition, expected)
            elif offset == expected:
                raise LogLostError(
                    f"{place.topic}[{place.partition}]: offset {offset} is not in the log any more"
                    f" (retention, or the topic was made again). Run `leadline topics adopt"
                    f" {place.topic}` to go on with what the log holds"
                )

    async def _hint(self, client: AIOKafkaConsumer) -> None:
        """Commit to Kafka for lag tools; nobody waits for it, and nothing rests on it."""
        done = {TopicPartition(*place): offset for place, offset in self.committed.items()}
        with contextlib.suppress(KafkaError, TimeoutError):
            if done:
                await asyncio.wait_for(client.commit(done), CALL_SECONDS)

    async def _measure(self, client: AIOKafkaConsumer) -> None:
        partitions = [TopicPartition(*place) for place in self.positions.snapshot()]
        if not partitions:
            return
        with contextlib.suppress(KafkaError, TimeoutError):
            ends = await asyncio.wait_for(client.end_offsets(partitions), CALL_SECONDS)
            await self._sink.measured({Place(p.topic, p.partition): e for p, e in ends.items()})
