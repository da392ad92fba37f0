"""The consumer loop: from partitions to a sink, exactly once in effect.

The listener does no I/O, it only forgets and remembers; the loop reads the database's offsets
and seeks. While one batch is being written the next is fetched and decoded. `Positions` makes
every decision; this file carries out what it says. What it guards against was measured on a real
broker.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from shared.kafka.batch_size import BatchSize
from shared.kafka.clients import stop_client
from shared.kafka.hunger import WedgedError
from shared.kafka.log_ends import CALL_SECONDS, LogEnds
from shared.kafka.membership import Membership
from shared.kafka.positions import Place, Positions
from shared.kafka.reading import Reading
from shared.kafka.records import seek
from shared.kafka.sink import PartitionLostError, Portion, Sink
from shared.kafka.watch import Watch
from shared.runtime.clock import Clock
from shared.runtime.repeat import repeat

log = structlog.get_logger(__name__)

POLL_MS = 200
HINT_SECONDS = 2.0
START_RETRY_SECONDS = 0.5
MEANWHILE_SECONDS = 0.03
"""How often a batch that waits for the writer takes on what came since. Each time costs a fetch."""
MANY_OTHERS = 2_000
"""Fewer records take hardly longer to write than a transaction more."""
_CLIENT_FAULTS = (KafkaError, WedgedError)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # it has no types
    def __init__(self, loop: ConsumerLoop) -> None:
        self._loop = loop

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:  # noqa: ARG002
        self._loop.positions.revoked()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self._loop.assigned([Place(p.topic, p.partition) for p in assigned])
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
        lag_seconds: float = 0.5,
        first: Collection[str] = (),
        positions: Positions | None = None,
        watch: Watch | None = None,
    ) -> None:
        self.positions = positions or Positions()
        self.watch = watch or Watch(self.positions)
        self.membership = Membership()
        self.last_turn = clock.monotonic()
        self._failure: str | None = None  # why the client failed, until another one works
        self._clock = clock
        self._make_client = make_client
        self._topics = topics
        self._sink = sink
        self._lag_seconds = lag_seconds
        self._reading = Reading(self.positions, sink, first)
        self._size = BatchSize()
        self._writing: asyncio.Task[None] | None = None
        self._ends = LogEnds(topics, sink, self.positions, self.watch, clock, self._is_writing)

    def assigned(self, places: Sequence[Place]) -> None:
        """Note what this member reads from now on; say so when rebalances do not end."""
        self.positions.assigned(places)
        self._ends.assigned(places)
        if self.membership.rebalanced(self._clock.monotonic()):
            log.error("rebalances follow each other: do two processes share one instance id?")

    def fault(self) -> str | None:
        """Return why nothing is consumed, or None."""
        if self._failure is not None:
            return f"the Kafka client fails: {self._failure}"
        if self.membership.is_storming(self._clock.monotonic()):
            return "rebalances follow each other: do two processes share one instance id?"
        return None

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until `stop` is set, then finish the batch in hand.

        A client that fails, or does not fetch any more, is replaced: its own tasks end for good on
        answers that they do not expect, as of a broker that has just come up. Raises `LogLostError`
        when records that come next are gone from the log.
        """
        while not stop.is_set():
            self.last_turn = self._clock.monotonic()
            client = self._make_client()
            try:
                client.subscribe(list(self._topics), listener=_Listener(self))
                await client.start()
                await self._consume(client, stop)
            except _CLIENT_FAULTS as error:
                self._failure = str(error) or repr(error)
                log.warning("the Kafka client failed, making another", error=self._failure)
                self.positions.revoked()
                self._ends.renew()
            finally:
                await stop_client(client)
            if self._failure is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), START_RETRY_SECONDS)

    async def _consume(self, client: AIOKafkaConsumer, stop: asyncio.Event) -> None:
        side = [
            asyncio.create_task(repeat("hint", lambda: self._hint(client), seconds=HINT_SECONDS)),
            asyncio.create_task(
                repeat("lag", lambda: self._ends.measure(client), seconds=self._lag_seconds)
            ),
        ]
        try:
            while not stop.is_set():
                self.last_turn = self._clock.monotonic()
                self._ends.check()
                await self._turn(client)
                self._failure = None
            await self._settle()
        except _CLIENT_FAULTS:
            await self._settle()  # what is being written has no part in it
            raise
        finally:
            if self._writing is not None:  # a fault ended the loop: as a crash would
                side.append(self._writing)
                self._writing = None
            for task in side:
                task.cancel()
            await asyncio.gather(*side, return_exceptions=True)

    async def _turn(self, client: AIOKafkaConsumer) -> None:
        if self.positions.pending:
            await self._locate(client)
        self._reading.resume(client)
        most = self._size.most
        portions, read = await self._reading.some(client, timeout_ms=POLL_MS, most=most)
        epoch = self.positions.epoch
        if not portions:
            return
        try:
            await self._join(client, portions, most=most - read)
        except KafkaError:
            await self._settle()
            self._writing = asyncio.create_task(self._write_in_turn(portions, epoch))
            raise  # what is in hand was counted when it was taken: it is written all the same
        self._writing = asyncio.create_task(self._write_in_turn(portions, epoch))
        # Let it begin: records in hand would be decoded before this task got its first turn.
        await asyncio.sleep(0)

    async def _join(self, client: AIOKafkaConsumer, portions: list[Portion], *, most: int) -> None:
        """Add to the batch in hand what comes while the batch before is being written.

        It need not wait for that one to be written too. What is lost or revoked meanwhile is
        located by the next turn, so a partition's portions follow on each other.
        """
        while self._writing is not None and most > 0 and not self.positions.pending:
            await asyncio.wait({self._writing}, timeout=MEANWHILE_SECONDS)
            joined, read = await self._reading.some(client, timeout_ms=0, most=most)
            portions += joined
            most -= read
            if self._writing.done():
                break
        await self._settle()
        if not self.positions.pending:
            portions += await self._reading.first(client)

    async def _write_in_turn(self, portions: Sequence[Portion], epoch: int) -> None:
        """Write what comes first in a transaction of its own, where the others would take long."""
        others = [portion for portion in portions if not self._reading.is_first(portion)]
        parts: Sequence[Sequence[Portion]] = [portions]
        if sum(portion.records for portion in others) >= MANY_OTHERS:
            parts = [[one for one in portions if self._reading.is_first(one)], others]
        for part in filter(None, parts):
            await self._write(part, epoch)

    async def _write(self, portions: Sequence[Portion], epoch: int) -> None:
        lost: Sequence[Place] = ()
        begun = self._clock.monotonic()
        try:
            await self._sink.write(portions)
        except PartitionLostError as error:
            lost = error.places
        records = sum(portion.records for portion in portions)
        self._size.written(records, self._clock.monotonic() - begun)
        for place in lost:
            log.info("fenced, locating again", topic=place.topic, partition=place.partition)
            self.positions.lost(place, epoch)
        kept = {p.place: p.following for p in portions if p.place not in lost}
        self.positions.written(kept, epoch)

    def _is_writing(self) -> bool:
        return self._writing is not None and not self._writing.done()

    async def _settle(self) -> None:
        """Wait for the batch being written."""
        if self._writing is not None:
            await self._writing
            self._writing = None

    async def _locate(self, client: AIOKafkaConsumer) -> None:
        """Seek every pending partition to where the database stands."""
        await self._settle()
        search = self.positions.search()
        partitions = [TopicPartition(*place) for place in search.places]
        try:
            begins = await client.beginning_offsets(partitions)
        except KafkaError as error:
            log.warning("cannot read the log's beginning, trying again", error=repr(error))
            await asyncio.sleep(START_RETRY_SECONDS)
            return
        first = {Place(*partition): offset for partition, offset in begins.items()}
        stands = await self._sink.locate(first)
        seek(client, self.positions.found(search, stands, first))

    async def _hint(self, client: AIOKafkaConsumer) -> None:
        """Commit to Kafka for lag tools; nobody waits for it, and nothing rests on it."""
        committed = self.positions.committed()
        done = {TopicPartition(*place): offset for place, offset in committed.items()}
        with contextlib.suppress(KafkaError, TimeoutError):
            if done:
                await asyncio.wait_for(client.commit(done), CALL_SECONDS)
