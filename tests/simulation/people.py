"""The operator, who does what the messages ask for; what may be lost is what was said to be."""

from shared.kafka.clients import STOP_SECONDS
from shared.kafka.positions import Stand, record_digest
from tests.simulation.database import require

PATIENCE_SECONDS = 2.0
SECONDS = 5.0 + STOP_SECONDS
"""So long a process may still stop at what it saw before the place was mended.

It looks once more before it believes, and a client that hangs holds up its end.
"""


class Operator:
    """Adopts topics and resumes intake, a little later; excuses what was said to be lost."""

    def __init__(self, world):
        self.world = world
        self.excused = set()  # records that went before they were read, and it was said
        self.alarms = 0
        self._to_adopt = set()
        self._mended = {}  # place to when an alarm about it was last true

    def is_busy(self):
        return bool(self._to_adopt or self.world.database.breakers)

    def alarmed(self, error):
        """A process stopped because of the log: that must be true, and said with its cure."""
        place = next(p for p in self.world.logs if str(error).startswith(f"{p}:"))
        log, stands = self.world.logs[place], self.world.database.stands[place].next_offset
        gone = log is not self.world.followed[place] or not log.begin <= stands <= log.end
        recently = self._mended.get(place, -SECONDS) > self.world.loop.now - SECONDS
        require(gone or recently, "P13: no false alarm", str(error), stands)
        require(f"leadline topics adopt {place.topic}" in str(error), "an alarm says what to do")
        self.alarms += 1
        self._to_adopt.add(place.topic)
        self.world.later(PATIENCE_SECONDS, self.adopt, place.topic)

    def moves(self, place, stood):
        """A process moves an offset on; it may have had in hand what retention took meanwhile."""
        if stood < self.world.logs[place].begin:
            self._mended[place] = self.world.loop.now

    def resume(self):
        self.world.say("resume")
        self.world.database.breakers.clear()
        for slot in self.world.slots:
            slot.process.stopped.clear()

    def log_of(self, place, part):
        """Return the log that a slice was read from: the one that is gone by, or it is a fault."""
        if place not in self.world.begun:  # nothing was applied of any before
            made = [log for log in self.world.history if log.place == place and _holds(log, part)]
            self.world.followed[place] = made[-1] if made else self.world.followed[place]
        followed = self.world.followed[place]
        require(_holds(followed, part), "P13: a topic that was made again is noticed", part)
        return followed

    def excuse(self, log, before):
        self.excused.update((log.made, *e[:3]) for e in log.entries[:before] if e is not None)

    def adopt(self, topic):
        self._to_adopt.discard(topic)
        self.world.say("adopt", topic)
        for place, log in self.world.logs.items():
            if place.topic == topic:
                self._adopt_partition(place, log)

    def _adopt_partition(self, place, log):
        database = self.world.database
        for former in self.world.history:
            if former.place == place:
                self.excuse(former, log.begin if former is log else former.end)
        database.stands[place] = Stand(log.begin)
        self.world.covered[place] = log.begin
        self._mended[place] = self.world.loop.now
        self.world.begun.discard(place)
        self.world.followed[place] = log
        for key in [k for k in database.applied if k[0][:2] == place]:
            del database.applied[key]  # read once more; the ledger makes that harmless


def _holds(log, part):
    record = log.entries[part.following - 1] if part.following <= log.end else None
    return record is not None and part.last_digest == record_digest(
        record.value, record.key, record.timestamp
    )
