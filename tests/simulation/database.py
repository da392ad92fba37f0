"""A database that keeps what the store keeps, loses answers, and looks at every transaction."""

import asyncio
from collections import Counter

import psycopg

from services.ingest.batch import Outcome, Written
from services.ingest.moves import Move, is_new
from services.ingest.store.isolating import write_storable
from shared.kafka.positions import Place, Stand


class BrokenPromiseError(AssertionError):
    """An invariant does not hold."""


def require(condition, promise, *details):
    if not condition:
        error = BrokenPromiseError(f"{promise}: {details}")
        loop = asyncio._get_running_loop()
        if loop is not None:  # so that nothing that catches it can hide it
            loop.faults.append(str(error))
        raise error


class Database:
    """Rows shared by all processes. A call is one transaction: it happens whole or not at all."""

    def __init__(self, world):
        self.world = world
        self.stands = {}  # place to Stand
        self.newest = {}  # place to the greatest event time
        self.records = Counter()  # place to the records applied, whatever became of them
        self.applied = Counter()  # (place, making of the topic, offset)
        self.ledger = {}  # (source, id) to account
        self.bookings = Counter()  # account to events
        self.letters = {}  # origin to bytes
        self.outbox = []
        self.breakers = {}
        self.down_until = 0.0

    def answer(self, work):
        """Do `work`, unless this is the moment for a fault; it may work and nobody hears."""
        now = self.world.loop.now
        if now < self.down_until or self.world.fails(0.04):
            raise psycopg.OperationalError("server closed the connection")
        result = work()
        if self.world.fails(0.06):
            self.world.say("answer lost")
            raise psycopg.OperationalError("no answer to COMMIT")
        return result

    def locate(self, begins):
        for place, begin in begins.items():
            stand = self.stands.get(place)
            if stand is None or (stand.last_digest is None and begin < stand.next_offset):
                self.stands[place] = Stand(begin)
                self.world.covered[place] = begin
        return {place: self.stands[place] for place in begins}

    def apply(self, batch, process):
        """Write a batch as the real writer does: compare-and-set first, all or nothing."""
        moves = [self.compared(part) for part in sorted(batch.slices)]
        if not is_new(moves, attempted=batch.attempted):
            return Written([Outcome.DUPLICATE] * len(batch.facts), already_done=True)
        if any(placed.fact.id.startswith("poison") for placed in batch.facts):
            raise psycopg.DataError("invalid byte sequence")
        batch.attempted = True
        if self.world.fails(0.04):
            raise psycopg.OperationalError("the server died at COMMIT")
        self.move(batch.slices)
        self.keep(batch)
        self.world.say("wrote", *[(p.topic, p.partition, p.following) for p in batch.slices])
        return Written([Outcome.APPLIED] * len(batch.facts))

    def compared(self, part):
        stands = self.stands[Place(part.topic, part.partition)].next_offset
        same = stands == part.expected
        return Move(part.topic, part.partition, part.following, moved=same, stands=stands)

    def move(self, slices):
        for part in slices:
            place = Place(part.topic, part.partition)
            stood = self.stands[place].next_offset
            require(part.following > stood, "I2: a stored offset never decreases", part, stood)
            self.world.operator.moves(place, stood)
            self.stands[place] = Stand(part.following, part.last_digest)
            self.records[place] += part.records
            self._raise_time(place, part.max_event_time)

    def keep(self, batch):
        """Store facts and letters, and check them against the log."""
        given = Counter((p.fact.type.topic, p.partition, p.offset) for p in batch.facts)
        given.update((x.topic, x.partition, x.offset) for x in batch.dead_letters)
        for part in batch.slices:
            self._check(part, given)
        require(not given, "I8: what is stored lies in a partition that moved", given)
        for placed in batch.facts:
            fact = placed.fact
            if (fact.source, fact.id) not in self.ledger:
                self.ledger[fact.source, fact.id] = fact.subject
                self.bookings[fact.subject] += 1
        for letter in batch.dead_letters:
            if self.letters.setdefault(letter.origin, letter) is letter:
                self.outbox.append(letter.origin)
        if batch.trips:
            self.breakers.update(batch.trips)
            self.world.tripped(sorted(batch.trips))

    def _check(self, part, given):
        """Every record that the offset moved over is in the batch, once; and never before."""
        place = Place(part.topic, part.partition)
        log = self.world.operator.log_of(place, part)
        begun = self.world.covered[place]
        passed = [e for e in log.entries[begun : part.following] if e is not None]
        require(len(passed) == part.records, "I8: applied + dead letters == records", part)
        for record in passed:
            at = record[:3]
            require(given.pop(at, 0) == 1, "I2: no record is skipped", at, part)
            self.applied[at, log.made] += 1
            self.world.begun.add(place)
            require(self.applied[at, log.made] == 1, "doubled 0", at, part)
        self.world.covered[place] = part.following

    def _raise_time(self, place, time):
        if time is not None:
            self.newest[place] = max(time, self.newest.get(place, time))

    def check_sums(self):
        """Compare what one transaction after the other has summed up."""
        require(
            sum(self.bookings.values()) == len(self.ledger), "I1: the ledger's sum is the sums'"
        )
        require(sorted(self.letters) == sorted(self.outbox), "I5: each letter is queued once")


class Store:
    """What one process sees of the database."""

    def __init__(self, database, process):
        self._database = database
        self._process = process

    def locate(self, begins, at):
        self._database.world.looked_up(self._process, begins)
        return self._database.answer(lambda: self._database.locate(begins))

    def write(self, batch):
        return write_storable(Attempts(self._database, self._process), batch)

    def open_breakers(self):
        return self._database.answer(lambda: dict(self._database.breakers))

    def store_lags(self, ends, others, behind, at, age):
        stands = self._database.stands
        return self._database.answer(lambda: {p: stands[p].next_offset for p in ends})


class Attempts:
    """One transaction a call."""

    def __init__(self, database, process):
        self._database = database
        self._process = process

    def write(self, batch):
        stopped = self._process.stopped & {part.topic for part in batch.slices}
        require(not stopped, "an open breaker takes nothing more", stopped, self._process.name)
        written = self._database.answer(lambda: self._database.apply(batch, self._process))
        self._database.check_sums()
        self._process.stopped |= batch.trips.keys() & self._database.breakers.keys()
        return written

    @staticmethod
    def try_out(_batch, placed):
        return "no such character" if placed.fact.id.startswith("poison") else None
