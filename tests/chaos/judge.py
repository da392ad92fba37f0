"""Compares what the oracle expects with what the product has."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.chaos.load import fingerprint

SHOWN = 12


@dataclass
class Findings:
    """What is wrong: counts, and the first few cases in words."""

    lost: int = 0
    doubled: int = 0
    differing: int = 0
    said: list = field(default_factory=list)

    @property
    def clean(self):
        return not (self.lost or self.doubled or self.differing)

    def note(self, kind, text, count=1):
        setattr(self, kind, getattr(self, kind) + count)
        if len(self.said) < SHOWN:
            self.said.append(f"{kind}: {text}")


def compare_state(findings, expected, found):
    """Compare every table of facts."""
    for name, rows in found["ledger"].items():
        if len(rows) > 1:
            findings.note("doubled", f"event {name} is stored {len(rows)} times", len(rows) - 1)
        if name not in expected["ledger"]:
            findings.note("doubled", f"event {name} is in no log")
        elif rows[0] != expected["ledger"][name]:
            findings.note("differing", f"event {name}: {rows[0]}, not {expected['ledger'][name]}")
        elif found["places"][name] not in expected["places"][name]:
            findings.note("differing", f"event {name} is said to stand at {found['places'][name]}")
    for name in expected["ledger"].keys() - found["ledger"].keys():
        findings.note("lost", f"event {name}, logged at {expected['places'][name]}")
    for table in expected.keys() - {"ledger", "places"}:
        _compare_table(findings, table, expected[table], found[table])


def _compare_table(findings, table, expected, found):
    for name in expected.keys() | found.keys():
        want, have = expected.get(name), found.get(name)
        if want == have:
            continue
        kind = "lost" if table == "letters" and have is None else "differing"
        findings.note(kind, f"{table} {name}: {have}, not {want}")


def compare_acknowledged(findings, acknowledged, records):
    """Every record that the broker acknowledged is in the log, with its bytes."""
    logged = {(r.topic, r.partition, r.offset): fingerprint(r.value) for r in records}
    for *place, print_of in acknowledged:
        if tuple(place) not in logged:
            findings.note("lost", f"the acknowledged record {place} is not in the log")
        elif logged[tuple(place)] != print_of:
            findings.note("differing", f"record {place} has other bytes than were sent")


def compare_dead_letters(findings, expected, records):
    """Every dead letter is in its topic at least once, byte for byte, and nothing else is."""
    told = Counter()
    for record in records:
        if not record.topic.endswith(".dlq"):
            continue
        headers = dict(record.headers)
        origin = (
            headers["leadline-topic"].decode(),
            int(headers["leadline-partition"]),
            int(headers["leadline-offset"]),
        )
        content = (headers["leadline-reason"].decode(), record.key, record.value)
        told[origin] += 1
        if origin not in expected:
            findings.note("doubled", f"{record.topic} has a letter of {origin}")
        elif content != expected[origin]:
            findings.note("differing", f"{record.topic}, of {origin}: {content}")
    for origin in expected.keys() - told.keys():
        findings.note("lost", f"the dead letter of {origin} is in no topic")


def compare_outbound(findings, stream, records, told_before):
    """Every told event is in its topic, every copy has its bytes, and nothing else is there.

    `told_before` are the ids of those told before the records were read; `stream` has those told
    after, too.
    """
    told = set()
    for record in records:
        event_id = json.loads(record.value)["id"]
        if event_id not in stream:
            findings.note("doubled", f"{record.topic} has an event {event_id} that nobody told")
            continue
        told.add(event_id)
        _, key, body = stream[event_id]
        if (record.key.decode(), record.value) != (key, body):
            findings.note("differing", f"a copy of {event_id} in {record.topic} has other bytes")
    for event_id in told_before - told:
        findings.note("lost", f"{stream[event_id][0]} {event_id} is in no topic")


def compare_told(findings, told, stream, records):
    """What was committed to the outbox is told, first seen in the order of its account."""
    seen = defaultdict(dict)
    for record in records:
        seen[record.topic, record.key.decode()].setdefault(json.loads(record.value)["id"])
    for account, ids in told.items():
        for event_id in ids:
            if event_id not in stream:
                findings.note("lost", f"event {event_id} of {account} was never told")
        if list(seen[account]) != ids:
            findings.note("differing", f"the events of {account} are not in their order")
