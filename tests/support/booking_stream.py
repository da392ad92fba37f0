"""A seeded stream of bookings as a forwarder's system writes them, and a quick way to Kafka.

Synthetic: 12 fields and 449 bytes or so each, 2 % duplicates, accounts skewed.
"""

import heapq
import random
import time
from datetime import UTC, datetime, timedelta

import msgspec
from confluent_kafka import Producer

TOPIC = "leadline.booking.v1"
START = datetime(2025, 1, 1, tzinfo=UTC)
SPAN_S = 630 * 86_400  # from START; what is later than the clock would be refused
SECONDS_APART = 40
RECENT = 1_000
DUPLICATES = 0.02
LATER_PHASES = ("confirmed", "completed")


def booking_records(count, seed, *, accounts=20_000, phased=0.0, start=START):
    """Yield `count` pairs of key and value; the share `phased` of bookings comes in phases.

    Such a booking is first requested, hours to days later confirmed, and in the end completed
    or, one in four, cancelled. Longer streams are denser: they all end within SPAN_S of `start`.
    """
    rng, apart_s = random.Random(seed), min(SECONDS_APART, SPAN_S / count)
    recent, later = [], []
    for n in range(count):
        if recent and rng.random() < DUPLICATES:
            yield rng.choice(recent)
            continue
        if later and later[0][0] <= n:
            _, _, account, data = heapq.heappop(later)
        else:
            account, data = _booking(n, rng, accounts)
            if rng.random() < phased:
                data["phase"] = "requested"
                for at, phase in _later(n, rng):
                    heapq.heappush(later, (at, rng.random(), account, data | {"phase": phase}))
        record = _record(rng, account, data, start + timedelta(seconds=apart_s * n))
        if len(recent) < RECENT:
            recent.append(record)
        else:
            recent[n % RECENT] = record
        yield record


def _booking(n, rng, accounts):
    account = f"ACC-{int(accounts * rng.random() ** 2):05d}"
    return account, {
        "booking_ref": f"HPH-{n}", "phase": "confirmed", "mode": "sea", "service": "FCL",
        "origin": "VNHPH", "destination": rng.choice(["DEHAM", "NLRTM", "USLAX"]),
        "incoterm": "FOB", "teu": rng.randrange(1, 5), "weight_kg": rng.randrange(20_000),
        "volume_cbm": 56.0, "nominated_by": "consignee",
        "revenue": {"amount": "3150.00", "currency": "USD"},
    }  # fmt: skip


def _later(n, rng):
    last = "cancelled" if rng.random() < 0.25 else LATER_PHASES[1]
    confirmed = n + rng.randrange(50, 5_000)
    return (confirmed, LATER_PHASES[0]), (confirmed + rng.randrange(500, 20_000), last)


def _record(rng, account, data, at):
    envelope = {
        "specversion": "1.0", "id": f"{rng.getrandbits(64):016x}", "source": "/tms/hph-1",
        "type": TOPIC, "subject": account,
        "time": at.isoformat(),
        "datacontenttype": "application/json", "data": data,
    }  # fmt: skip
    return account.encode(), msgspec.json.encode(envelope)


def produce(bootstrap, records, topic=TOPIC):
    """Send records as fast as the broker takes them; return how many events they hold.

    Duplicates are counted once.
    """
    producer = Producer({
        "bootstrap.servers": bootstrap, "linger.ms": 20, "compression.type": "lz4",
        "queue.buffering.max.messages": 200_000,
    })  # fmt: skip
    distinct = set()
    for key, value in records:
        distinct.add(hash(value))
        while True:
            try:
                producer.produce(topic, value, key)
            except BufferError:
                producer.poll(0.1)
                time.sleep(0.001)
            else:
                break
    assert producer.flush(60) == 0
    return len(distinct)
