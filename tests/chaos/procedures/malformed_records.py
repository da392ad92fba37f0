"""T11: malformed records of every class among valid ones; each becomes a dead letter, whole."""

import itertools
import json
from collections import Counter

from confluent_kafka import Producer

from tests.chaos import judge, log, oracle, readings
from tests.chaos.arena import INBOUND, Arena
from tests.chaos.file_arena import FileArena
from tests.chaos.latency import p99_ms, paced_latencies
from tests.chaos.load import SETTINGS, fingerprint
from tests.chaos.malformed import LETTER, Malformed, plan
from tests.chaos.memory import peak_mb, resident_mb
from tests.chaos.product import assignments, intake
from tests.chaos.stream import Stream
from tests.support.waiting import eventually

VALID_EACH = 20  # valid records between two malformed ones: 4.8 %, below the breaker's tenth
WARM_UP = 2_000
PORTION = 20_000  # records sent between two looks at how far intake is
MOST_BEHIND = 50_000  # what intake takes in less than the time that it has to drain
PACED, PACE = 2_100, 1_000  # records whose latency is read, and how many of them a second
LAG_SECONDS = 300
LONGEST_SECONDS = 10
"""A session: who keeps a good record waiting for longer would be taken for dead."""
LARGE = {"message.max.bytes": 4 * 1024 * 1024}
OUTBOUND = ("leadline.signal.", "leadline.alert.", "leadline.playbook_trigger.")
CLEAN = {"bad": 0.0, "reordered": 0.0}


def malformed_records(size, seed):
    """On PostgreSQL."""
    return _malformed(Arena("T11", seed, stream=CLEAN), size.of(10_000, 100_000, 100_000))


def malformed_on_file(size, seed):
    """On SQLite."""
    return _malformed(FileArena("T11-sqlite", seed, stream=CLEAN), size.of(1_000, 10_000, 50_000))


def _malformed(place, count):
    with place as arena:
        member = intake(arena, "ingest")
        arena.load.send_next(WARM_UP)
        arena.drain()
        before, assigned = resident_mb(member.pid), assignments(member)
        mixture = Mixture(arena)
        clean = mixture.latencies(0)
        beside = mixture.latencies(PACED // (VALID_EACH + 1))
        mixture.flood(count - PACED // (VALID_EACH + 1))
        arena.drain()
        grown = peak_mb(member.pid) - before
        kinds = _judged(arena, mixture.fates)
        if (code := member.ended()) is not None:
            arena.findings.note("differing", f"ingest ended by itself with {code}")
        if assignments(member) != assigned:
            arena.findings.note("differing", "a rebalance beside malformed records")
        if beside[-1] > LONGEST_SECONDS:
            arena.findings.note("differing", f"a good record waited {beside[-1]:.1f} s")
        return arena.summary() | {
            "malformed": count, "classes": len(kinds), "memory_grew_mb": round(grown, 1),
            "p99_clean_ms": p99_ms(clean), "p99_beside_malformed_ms": p99_ms(beside),
            "max_beside_malformed_ms": round(1000 * beside[-1]),
        }  # fmt: skip


class Mixture:
    """Sends malformed records among valid ones, and remembers what must become of each."""

    def __init__(self, arena):
        self.fates = {}  # class and fate of each malformed record, by its fingerprint
        self._arena = arena
        self._malformed = Malformed(arena.rng)
        self._valid = iter(Stream(arena.rng, **CLEAN))
        self._refused = []
        self._producer = Producer(SETTINGS | LARGE | {"bootstrap.servers": arena.broker.bootstrap})

    def latencies(self, count):
        """Send `PACED` records at a pace, so many of them malformed; return what valid ones take.

        Without malformed ones all are valid.
        """
        records = self._records(count) if count else ((r, True) for r in self._take(PACED))
        return paced_latencies(self._arena, self._send, records, PACE)

    def flood(self, count):
        """Send so many malformed records, with their valid ones, as fast as intake takes them."""
        for number, (record, _) in enumerate(self._records(count), start=1):
            self._send(record, None)
            if number % PORTION == 0:
                self._send(None, None)
                self._await_intake()
        self._send(None, None)

    def _await_intake(self):
        """Let intake come near; what it has to drain in the end is then bounded."""
        eventually(lambda: self._behind() < MOST_BEHIND, timeout_s=LAG_SECONDS, what="intake")

    def _behind(self):
        ends = log.ends(self._arena.broker.bootstrap, INBOUND)
        reached = readings.offsets(self._arena.rows)
        return sum(following - reached.get(place, 0) for place, (_, following) in ends.items())

    def _take(self, count):
        return itertools.islice(self._valid, count)

    def _records(self, count):
        for name in plan(self._arena.rng, count):
            odd, fate = self._malformed.record(name)
            self.fates[fingerprint(odd.value)] = (name, fate)
            yield odd, False
            for valid in self._take(VALID_EACH):
                yield valid, True

    def _send(self, record, note):
        """Send one, or with None wait for all; `note` is told where it was put."""
        if record is None:
            assert not self._producer.flush(60)
            assert not self._refused, self._refused[:3]
            return

        def acknowledged(error, message):
            if error is not None:
                self._refused.append(str(error))
            elif note is not None:
                note((message.topic(), message.partition(), message.offset()))

        topic, key, value, headers, timestamp = record
        self._producer.produce(
            topic, value, key, headers=list(headers), timestamp=timestamp, on_delivery=acknowledged
        )
        self._producer.poll(0)


def _judged(arena, fates):
    """Compare the valid ones with the oracle, the malformed ones with their bytes."""
    records = [r for r in log.read(arena.broker.bootstrap) if not r.topic.endswith(".dlq")]
    odd = {(r.topic, r.partition, r.offset): r for r in records if fingerprint(r.value) in fates}
    found = readings.state(arena.rows)
    names = {place: name for name, place in found["places"].items()}
    kinds, taken = Counter(), {}
    for place, record in odd.items():
        name, fate = fates[fingerprint(record.value)]
        kinds[name] += 1
        letter = found["letters"].pop(place, None)
        if letter is not None and letter[1:] != (record.key, record.value):
            arena.findings.note("differing", f"the bytes of the letter at {place} ({name})")
        if letter is None and fate != LETTER and place in names:
            taken[place] = json.loads(record.value)
        elif letter is None:
            arena.findings.note("lost", f"a record of class {name!r} at {place}")
    valid = [r for r in records if (r.topic, r.partition, r.offset) not in odd]
    expected = oracle.expected(valid, taken.values())
    expected["places"] |= {names[place]: {place} for place in taken}
    expected["offsets"] = _following(records)
    judge.compare_state(arena.findings, expected, found)
    arena.events = len(records)
    return kinds


def _following(records):
    following = Counter()
    for record in records:
        if not record.topic.startswith(OUTBOUND):
            place = (record.topic, record.partition)
            following[place] = max(following[place], record.offset + 1)
    return {place: (offset, offset) for place, offset in following.items()}
