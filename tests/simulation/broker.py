"""The broker's side: logs, and the coordinator of the group."""

from typing import NamedTuple

from aiokafka import TopicPartition

SESSION_SECONDS = 3.0
JOIN_SECONDS = 0.6


class Record(NamedTuple):
    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple
    timestamp: int  # milliseconds


class Log:
    """One partition: records, and markers of transactions where there is no record to read."""

    def __init__(self, place, made):
        self.place = place
        self.made = made  # how often the topic was made
        self.begin = 0
        self.entries = []

    @property
    def end(self):
        return len(self.entries)

    def append(self, key, value, timestamp):
        record = Record(*self.place, self.end, key, value, (), timestamp)
        self.entries.append(record)
        return record

    def mark(self):
        self.entries.append(None)

    def truncate(self, offset):
        self.begin = max(self.begin, min(offset, self.end))

    @property
    def readable_end(self):
        """Return the offset after the last record; no consumer sees markers behind it."""
        there = (e.offset + 1 for e in reversed(self.entries[self.begin :]) if e is not None)
        return next(there, self.begin)

    def between(self, start, following):
        """Return the records that are there to read, from `start` up to `following`."""
        return [e for e in self.entries[max(start, self.begin) : following] if e is not None]


class Group:
    """The coordinator: members, generations, and the offsets that were committed as hints."""

    def __init__(self, world):
        self.world = world
        self.members = []
        self.generation = 0
        self.hints = {}
        self._joined = {}

    def join(self, client):
        if client not in self.members:
            self.members.append(client)
        self.rebalance()

    def leave(self, client):
        if client in self.members:
            self.members.remove(client)
            self.rebalance()

    def rebalance(self):
        """Revoke everything from everybody, as the classic protocol does."""
        self.generation += 1
        self.world.say("rebalance", self.generation, *[m.process.name for m in self.members])
        self._joined = {}
        for client in self.members:
            client.process.start(client.rejoin(self.generation))
        delay = JOIN_SECONDS + self.world.rng.random()
        self.world.loop.call_later(delay, self._assign, self.generation)

    def joined(self, client, generation):
        """Wait for the assignment; a member that comes too late begins again."""
        if generation != self.generation or client not in self.members:
            self.join(client)
            return None
        self._joined[client] = self.world.loop.create_future()
        return self._joined[client]

    def _assign(self, generation):
        if generation != self.generation:
            return
        self.members = [m for m in self.members if m in self._joined and not m.process.dead]
        places = sorted(self.world.logs)
        for number, client in enumerate(self.members):
            share = [TopicPartition(*p) for p in places[number :: len(self.members)]]
            if not self._joined[client].done():
                self._joined[client].set_result(share)
