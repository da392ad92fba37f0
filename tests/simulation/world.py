"""One seed: a group of real consumer loops, the faults that befall them, and what must come out."""

import asyncio
import random
from typing import NamedTuple

from services.ingest import breaker
from services.ingest.sink import KafkaSink
from shared.kafka.positions import Place, Positions
from shared.kafka.watch import Watch
from tests.simulation.broker import Group, Log
from tests.simulation.database import Database, require
from tests.simulation.faults import TOPICS, Faults
from tests.simulation.loop import SimulatedLoop
from tests.simulation.member import Slot
from tests.simulation.people import PATIENCE_SECONDS, Operator

CHAOS_STEPS = 350
DRAIN_SECONDS = 120.0
BREAKER_ROW = 8
"""Bad records in a row that open a breaker here: a hundred would take a seed's whole time."""


class Build(NamedTuple):
    """The parts of the product under test; a control breaks one of them."""

    positions: type = Positions
    watch: type = Watch
    sink: type = KafkaSink
    database: type = Database


class World:
    """Everything that one seed decides; `run` raises when a promise is broken."""

    def __init__(self, seed, build=None, hit=None):
        self.build = build or Build()
        self.rng = rng = random.Random(seed)
        self.loop = SimulatedLoop(rng)
        self.trace = []
        self.hit = set() if hit is None else hit  # where processes were killed: (file, line)
        self.broken = []
        self.healed = False
        self.roughness = rng.choice((0.0, 0.5, 1.0, 2.0))
        self.skips = rng.choice((0.0, 0.0, 0.1, 0.5))
        topics = TOPICS[: rng.randint(1, 2)]
        self.logs, self.history = {}, []  # as they are, and all that ever were
        self.followed = {}  # the log of each place that the database's offsets mean
        self.covered = {}  # up to where it was applied
        self.begun = set()  # places of which something was applied, since they were adopted
        for topic in topics:
            for partition in range(rng.randint(1, 3)):
                self.add(topic, partition)
        self.group = Group(self)
        self.database = self.build.database(self)
        self.operator = Operator(self)
        self.slots = [Slot(self, name) for name in "abc"[: rng.randint(1, 3)]]
        self.faults = Faults(self, CHAOS_STEPS)
        self._moment = 0
        self._looked_up = {}  # (process, place) to the moment of the look into the database
        self._assigned = {}  # process to the moment of its assignment

    def add(self, topic, partition):
        place = Place(topic, partition)
        log = Log(place, 1)
        self.logs[place] = log
        self.history.append(log)
        self.covered[place] = 0
        self.followed[place] = log

    def run(self):
        usual = breaker.MAX_IN_A_ROW
        asyncio._set_running_loop(self.loop)
        breaker.MAX_IN_A_ROW = BREAKER_ROW
        try:
            self._run()
        finally:
            for slot in self.slots:
                slot.end()
            breaker.MAX_IN_A_ROW = usual
            asyncio._set_running_loop(None)

    def _run(self):
        for slot in self.slots:
            self.later(self.rng.random(), slot.start)
        self.later(0.0, self.faults.produce)
        for number in range(CHAOS_STEPS):
            self._step()
            self.faults.step(number)
        self.healed = True
        self.faults.heal()
        while not self._drained():
            self._step()
        self._compare()

    def say(self, *what):
        self.trace.append((round(self.loop.now, 6), *what))

    def later(self, seconds, work, *args):
        self.loop.call_later(seconds, work, *args, context=self.loop.outside)

    def fails(self, chance):
        return not self.healed and self.rng.random() < chance * self.roughness

    def looked_up(self, process, places):
        self._moment += 1
        for place in places:
            self._looked_up[process, place] = self._moment

    def assigned(self, process, share):
        self._moment += 1
        self._assigned[process] = self._moment
        self.say("assigned", process.name, *share)

    def tripped(self, topics):
        self.say("tripped", *topics)
        self.later(PATIENCE_SECONDS, self.operator.resume)

    def hinted(self, offsets):
        for partition, offset in offsets.items():
            ahead = offset > self.covered[partition] and not self.operator.alarms
            require(not ahead, "a hint never runs ahead of the database", partition, offset)

    def _step(self):
        ran = self.loop.step()
        require(not self.broken, "only a lost log ends the loop", self.broken)
        require(not self.loop.faults, "nothing breaks unheard", self.loop.faults)
        if ran is not None and ran.member is not None:
            assigned = self._assigned.get(ran, 0)
            for place in ran.member.positions.located():
                fresh = self._looked_up.get((ran, place), -1) > assigned
                require(fresh, "no offset is believed that was read before a rebalance", place)

    def _drained(self):
        require(self.loop.now < self.faults.healed_at + DRAIN_SECONDS, "everything drains")
        if self.faults.producing or self.operator.is_busy():
            return False
        return all(self._is_read(place, log) for place, log in self.logs.items())

    def _is_read(self, place, log):
        stand = self.database.stands.get(place)
        noticed = self.followed[place] is log or place not in self.begun
        return noticed and log.readable_end <= (0 if stand is None else stand.next_offset)

    def _compare(self):
        """The oracle: what the logs held is what the database has."""
        for log in self.history:
            for record in log.entries:
                if record is not None and (log.made, *record[:3]) not in self.operator.excused:
                    self.faults.require_kept(log, record)
        self.database.check_sums()
