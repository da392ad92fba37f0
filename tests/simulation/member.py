"""A member of the group: the real loop and sink in a process that can be killed and frozen."""

import asyncio
from datetime import UTC, datetime

from shared.kafka.consumer import ConsumerLoop
from shared.kafka.positions import LogLostError
from shared.runtime.repeat import repeat
from tests.simulation.broker import SESSION_SECONDS
from tests.simulation.database import Store
from tests.simulation.faults import TOPICS
from tests.simulation.kafka import Client
from tests.simulation.loop import Process


class Clock:
    def __init__(self, loop):
        self._loop = loop

    def now(self):
        return datetime.fromtimestamp(1_790_000_000 + self._loop.now, tz=UTC)

    def monotonic(self):
        return self._loop.now


class Slot:
    """Where a member runs: one process after the other."""

    def __init__(self, world, name):
        self.world, self.name = world, name
        self.process = self.client = self.stop = None
        self._starts = 0

    def start(self):
        self._starts += 1
        self.process = Process(self.world.loop, f"{self.name}{self._starts}")
        self.client = None
        self.stop = asyncio.Event()
        self.world.say("start", self.process.name)
        self.process.start(self._run(self.process))

    def kill(self):
        """SIGKILL, at whatever await it stands; the group learns of it when the session ends."""
        if self.process is not None and not self.process.dead:
            self.world.hit.update(self.process.kill())
            self.world.later(SESSION_SECONDS, self._expel, self.process, self.client)
            self.world.later(self.world.rng.uniform(0.1, 2.0), self.start)

    def end(self):
        if self.process is not None:
            self.process.kill()

    def freeze(self, seconds):
        """SIGSTOP, and SIGCONT after some seconds."""
        process = self.process
        if process is not None and not process.dead and not process.frozen:
            process.freeze()
            self.world.later(SESSION_SECONDS, self._expel, process, self.client)
            self.world.later(seconds, self.thaw, process)

    def thaw(self, process):
        if process.frozen and not process.dead:
            process.thaw()
            # It learns of its expulsion by a heartbeat; until then it hands out what it has.
            if self.client is not None and self.client.process is process:
                process.start(self.client.heartbeat())

    def _expel(self, process, client):
        if client is not None and (process.dead or process.frozen):
            self.world.group.leave(client)

    def _make_client(self):
        self.client = Client(self.world)
        return self.client

    async def _run(self, process):
        world, clock = self.world, Clock(self.world.loop)
        sink = world.build.sink(Store(world.database, process), clock, "c1", breaker_on=True)
        positions = world.build.positions()
        member = ConsumerLoop(
            self._make_client, TOPICS, sink, clock, lag_seconds=4.0, first=TOPICS[1:],
            positions=positions, watch=world.build.watch(positions),
        )  # fmt: skip
        process.member = member
        side = [
            asyncio.create_task(repeat("breakers", sink.refresh_breakers, seconds=1.0)),
            asyncio.create_task(self._release(self.stop, sink)),
        ]
        try:
            await member.run(self.stop)
        except LogLostError as error:
            world.say("stopped", process.name, str(error)[:60])
            world.operator.alarmed(error)
        except Exception as error:  # noqa: BLE001 - nothing else may end a living process
            if not process.dead:
                world.broken.append(repr(error))
        for task in side:
            task.cancel()
        if not process.dead:
            world.say("ended", process.name)
            world.later(0.0, self._ended, process)

    @staticmethod
    async def _release(stop, sink):
        await stop.wait()
        sink.stop_waiting()

    def _ended(self, process):
        if not process.dead:
            process.kill()
            self.world.later(self.world.rng.uniform(0.1, 4.0), self.start)
