"""Kafka as its client shows it, with the faults that were measured on a real one."""

import asyncio

from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaConnectionError,
    KafkaError,
    KafkaTimeoutError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from tests.simulation.broker import JOIN_SECONDS
from tests.simulation.loop import PROCESS


class Client:
    """What the consumer loop uses of aiokafka's consumer."""

    def __init__(self, world):
        self.world = world
        self.rng = world.rng
        self.process = PROCESS.get()
        self._listener = None
        self._positions = {}  # what it is assigned, and where it reads on; None: nobody knows
        self._paused = set()
        self._skipped = {}  # partition to the offset that was lost last
        self._assigned = None  # a future while a rebalance goes on
        self._stopped = False
        self._broken = False

    def subscribe(self, topics, listener):
        self._listener = listener

    async def start(self):
        await asyncio.sleep(self.rng.uniform(0, 0.1))
        if self.world.fails(0.1):
            raise self.rng.choice((KafkaConnectionError, KafkaError))("no broker")
        self._assigned = self.world.loop.create_future()
        self.world.group.join(self)

    async def stop(self):
        self._stopped = True
        if not self.process.dead:
            self.world.group.leave(self)
        if self.world.fails(0.05):
            await asyncio.sleep(3600)
        await asyncio.sleep(self.rng.uniform(0, 0.1))
        if self.world.fails(0.1):
            raise asyncio.CancelledError

    async def rejoin(self, generation):
        """Learn of a rebalance at some heartbeat, and go through it."""
        await asyncio.sleep(self.rng.uniform(0, JOIN_SECONDS))
        if self._stopped or generation != self.world.group.generation:
            return
        if self._assigned is None:
            self._assigned = self.world.loop.create_future()
        self.world.say("revoked", self.process.name)
        await self._listener.on_partitions_revoked(list(self._positions))
        waiting = self.world.group.joined(self, generation)
        if waiting is None:
            return
        share = await waiting
        if self._stopped or generation != self.world.group.generation:
            return
        self._positions = {p: self.world.group.hints.get(p) for p in share}
        self._paused.clear()
        released, self._assigned = self._assigned, None
        released.set_result(None)  # fetching goes on before the listener has ended
        if self.rng.random() < 0.5:
            await asyncio.sleep(self.rng.uniform(0, 0.3))
            if generation != self.world.group.generation:
                return
        self.world.assigned(self.process, share)
        await self._listener.on_partitions_assigned(share)

    async def heartbeat(self):
        """Learn, sooner or later, of an expulsion."""
        await asyncio.sleep(self.rng.uniform(0, 1.0))
        if not self._stopped and self not in self.world.group.members:
            self.world.group.join(self)

    async def getmany(self, *partitions, timeout_ms, max_records):
        # Its own tasks end for good on an answer that they do not expect, as of a broker that has
        # just come up.
        self._broken = self._broken or self.world.fails(0.005)
        if self._broken:
            raise KafkaError("Unexpected error during coordination")
        deadline = self.world.loop.now + timeout_ms / 1000
        if self.world.fails(0.2):
            await asyncio.sleep(self.rng.uniform(0, 0.05))
        while True:
            if self._assigned is not None:
                await asyncio.shield(self._assigned)
            handed = self._fetched(partitions, max_records)
            left = deadline - self.world.loop.now
            if handed or left <= 0:
                return handed
            await asyncio.sleep(left)

    def _fetched(self, partitions, max_records):
        handed = {}
        for partition, position in list(self._positions.items()):
            if partitions and partition not in partitions:
                continue
            if partition in self._paused or self.world.fails(0.2):
                continue
            try:
                records = self._read(partition, position, min(max_records, self.rng.randint(1, 6)))
            except (NoOffsetForPartitionError, OffsetOutOfRangeError):
                if handed:
                    return handed  # the error comes with the next call
                raise
            if not records:  # markers are gone past without a word
                self._positions[partition] = self.world.logs[tuple(partition)].end
                continue
            self._positions[partition] = records[-1].offset + 1
            if not self._skips(partition, records[0].offset):
                handed[partition] = records
        return handed

    def _skips(self, partition, offset):
        """Lose a fetch now and then; it is a passing fault, which asking again heals."""
        if partition in self._skipped:
            if offset <= self._skipped[partition]:
                del self._skipped[partition]
            return False
        if not self.world.fails(self.world.skips):
            return False
        self._skipped[partition] = offset
        self.world.say("skips", self.process.name, *partition, offset)
        return True

    def _read(self, partition, position, count):
        log = self.world.logs[tuple(partition)]
        if position is None:
            raise NoOffsetForPartitionError(partition)
        if not log.begin <= position <= log.end:
            raise OffsetOutOfRangeError({partition: position})
        return log.between(position, position + count) or log.between(position, log.end)[:count]

    async def position(self, partition):
        self._owned(partition)
        await asyncio.sleep(0)  # the real one may wait for where to read on
        self._owned(partition)
        return self._positions[partition] or 0

    def seek(self, partition, offset):
        self._owned(partition)
        self._positions[partition] = offset

    def pause(self, *partitions):
        for partition in partitions:
            self._owned(partition)
            self._paused.add(partition)

    def resume(self, *partitions):
        for partition in partitions:
            self._owned(partition)
            self._paused.discard(partition)

    def _owned(self, partition):
        if partition not in self._positions:
            raise IllegalStateError(f"No current assignment for partition {partition}")

    def partitions_for_topic(self, topic):
        return {place.partition for place in self.world.logs if place.topic == topic}

    async def beginning_offsets(self, partitions):
        await self._asked()
        return {p: self.world.logs[tuple(p)].begin for p in partitions}

    async def end_offsets(self, partitions):
        await self._asked()
        return {p: self.world.logs[tuple(p)].end for p in partitions}

    async def commit(self, offsets):
        if self.world.fails(0.05):
            await asyncio.sleep(3600)
        await self._asked()
        if self._assigned is not None or self not in self.world.group.members:
            raise CommitFailedError
        self.world.hinted(offsets)
        self.world.group.hints.update(offsets)

    async def _asked(self):
        await asyncio.sleep(self.rng.uniform(0.001, 0.05))
        if self.world.fails(0.1):
            raise KafkaTimeoutError
