"""What producers send and what goes wrong, all of it decided by the seed."""

from datetime import timedelta
from functools import lru_cache

from tests.simulation.broker import Log
from tests.simulation.database import require
from tests.support.cloudevents import START, booking, event

TOPICS = ("leadline.booking.v1", "leadline.touchpoint.v1")
RECORDS = 40
QUIET_SECONDS = 5.0
"""A topic that was made again stays empty so long: the members learn of it before."""
KINDS = {
    "kill": 6, "stop": 1, "freeze": 2, "rebalance": 2, "database_down": 2, "truncate": 0.5,
    "make_again": 0.3, "add_partition": 0.3, "flood": 0.5,
}  # fmt: skip


@lru_cache(maxsize=4096)
def _value(topic, number, name):
    account, at = f"ACC-{number % 5}", START + timedelta(minutes=number)
    if topic == TOPICS[0]:
        return booking(f"B{number}", account=account, at=at, id=f"{name}-{number}")
    data = {"ref": f"T{number}", "phase": "held"}
    return event("touchpoint", data, id=f"{name}-{number}", account=account, at=at)


class Faults:
    """The producer, and the plan of faults by step."""

    def __init__(self, world, steps):
        self.world = world
        self.rng = rng = world.rng
        self.producing = True
        self.healed_at = 0.0
        self._sent = {}  # (made, topic, partition, offset) to what it has to become
        self._number = 0
        self._quiet = {}  # topic to the time until which nothing is sent
        count = rng.randint(1, 8)
        kinds = rng.choices(list(KINDS), list(KINDS.values()), k=count)
        self._plan = sorted(((rng.randrange(steps), kind) for kind in kinds), reverse=True)

    def produce(self):
        """Send one record after the other, at random moments."""
        now = self.world.loop.now
        place = self.rng.choice(sorted(self.world.logs))
        if self._quiet.get(place.topic, 0.0) <= now:
            self._send(place)
            self._number += 1
        self.producing = self._number < RECORDS
        if self.producing:
            self.world.later(self.rng.uniform(0.0, 0.4), self.produce)

    def step(self, number):
        while self._plan and self._plan[-1][0] <= number:
            kind = self._plan.pop()[1]
            self.world.say("fault", kind)
            getattr(self, f"_{kind}")()

    def heal(self):
        """End every fault; what is down comes back."""
        self.healed_at = self.world.loop.now
        self.world.database.down_until = 0.0
        for slot in self.world.slots:
            if slot.process is not None and slot.process.frozen:
                slot.thaw(slot.process)

    def require_kept(self, log, record):
        """What the oracle expects of a record: a fact, or a letter with its very bytes."""
        database, place = self.world.database, (log.made, *record[:3])
        name = self._sent[place]
        if name is not None:
            require(name in database.ledger, "lost 0", place, name)
            return
        origin = f"kafka:c1:{record.topic}:{record.partition}:{record.offset}"
        letter = database.letters.get(origin)
        require(letter is not None, "P9: a bad record is kept", place)

    def _send(self, place):
        kind = self.rng.choices(
            ("new", "again", "bad", "marker", "poison"), (75, 10, 8, 6, 1)
        )[0]  # fmt: skip
        log, number = self.world.logs[place], self._number
        if kind == "marker":
            log.mark()
        elif kind == "bad":
            self._bad(log)
        else:
            if kind == "again":
                number = self.rng.randint(0, number)
            name = "poison" if kind == "poison" else "e"
            value = _value(place.topic, number, name)
            self._append(log, b"ACC-%d" % (number % 5), value, ("/tms/hph-1", f"{name}-{number}"))

    def _bad(self, log):
        self._append(log, b"ACC-%d" % self.rng.randint(0, 2), b"{%d" % self._number, None)

    def _append(self, log, key, value, name):
        record = log.append(key, value, int(self.world.loop.now * 1000))
        poison = name is not None and name[1].startswith("poison")
        self._sent[log.made, *record[:3]] = None if poison else name

    def _kill(self):
        self.rng.choice(self.world.slots).kill()

    def _stop(self):
        slot = self.rng.choice(self.world.slots)
        if slot.stop is not None:
            slot.stop.set()

    def _freeze(self):
        self.rng.choice(self.world.slots).freeze(self.rng.uniform(0.5, 8.0))

    def _rebalance(self):
        self.world.group.rebalance()

    def _database_down(self):
        self.world.database.down_until = self.world.loop.now + self.rng.uniform(0.2, 5.0)

    def _flood(self):
        log = self.world.logs[self.rng.choice(sorted(self.world.logs))]
        if self._quiet.get(log.place.topic, 0.0) <= self.world.loop.now:
            for _ in range(10):
                self._bad(log)

    def _truncate(self):
        place = self.rng.choice(sorted(self.world.logs))
        log, stand = self.world.logs[place], self.world.database.stands.get(place)
        at = 0 if stand is None else stand.next_offset
        log.truncate(self.rng.randint(max(0, at - 2), max(log.end, at)))
        if stand is None:  # a partition begins where its log does
            self.world.operator.excuse(log, log.begin)

    def _make_again(self):
        topic = self.rng.choice(sorted(self.world.logs)).topic
        self._quiet[topic] = self.world.loop.now + QUIET_SECONDS
        for place, log in list(self.world.logs.items()):
            if place.topic != topic:
                continue
            fresh = Log(place, log.made + 1)
            self.world.logs[place] = fresh
            self.world.history.append(fresh)
            if place not in self.world.begun:  # nothing was ever applied of it
                self.world.operator.excuse(log, log.end)
        self.world.group.rebalance()

    def _add_partition(self):
        topic = self.rng.choice(sorted(self.world.logs)).topic
        number = sum(place.topic == topic for place in self.world.logs)
        self.world.add(topic, number)
        self.world.group.rebalance()
