"""T11: malformed records of every class among valid ones; each becomes a dead letter, whole."""

import itertools
import json
from collections import Counter

from confluent_kafka import Producer

from tests.chaos import judge, log, oracle, readings
from tests.chaos.arena import Arena
from tests.chaos.file_arena import FileArena
from tests.chaos.load import SETTINGS, fingerprint
from tests.chaos.malformed import LETTER, Malformed, plan
from tests.chaos.memory import peak_mb, resident_mb
from tests.chaos.product import intake
from tests.chaos.stream import Stream

VALID_EACH = 20  # valid records between two malformed ones: 4.8 %, below the breaker's tenth
WARM_UP = 2_000
MOST_IN_FLIGHT = 20_000
LARGE = {"message.max.bytes": 4 * 1024 * 1024}
OUTBOUND = ("leadline.signal.", "leadline.alert.", "leadline.playbook_trigger.")
CLEAN = {"bad": 0.0, "reordered": 0.0}


def malformed_records(size, seed):
    """On PostgreSQL."""
    return _malformed(Arena("T11", seed, stream=CLEAN), size.of(600, 30_000, 100_000))


def malformed_on_file(size, seed):
    """On SQLite."""
    return _malformed(FileArena("T11-sqlite", seed, stream=CLEAN), size.of(300, 10_000, 50_000))


def _malformed(place, count):
    with place as arena:
        member = intake(arena, "ingest")
        arena.load.send_next(WARM_UP)
        arena.drain()
        before = resident_mb(member.pid)
        sent = _send(arena, count)
        arena.drain()
        grown = peak_mb(member.pid) - before
        kinds = _judged(arena, sent)
        if (code := member.ended()) is not None:
            arena.findings.note("differing", f"ingest ended by itself with {code}")
        return arena.summary() | {
            "malformed": count, "classes": len(kinds), "memory_grew_mb": round(grown, 1),
        }  # fmt: skip


def _send(arena, count):
    """Send the mixture; return the class and fate of each malformed record by its fingerprint."""
    malformed, fates, refused = Malformed(arena.rng), {}, []
    producer = Producer(SETTINGS | LARGE | {"bootstrap.servers": arena.broker.bootstrap})
    valid = iter(Stream(arena.rng, **CLEAN))

    def acknowledged(error, _message):
        if error is not None:
            refused.append(str(error))

    for name in plan(arena.rng, count):
        odd, fate = malformed.record(name)
        fates[fingerprint(odd.value)] = (name, fate)
        for record in (odd, *itertools.islice(valid, VALID_EACH)):
            topic, key, value, headers, timestamp = record
            producer.produce(
                topic, value, key, headers=list(headers), timestamp=timestamp,
                on_delivery=acknowledged,
            )  # fmt: skip
        producer.poll(0)
        if len(producer) > MOST_IN_FLIGHT:
            producer.flush(60)
    assert not producer.flush(60)
    assert not refused, refused[:3]
    return fates


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
