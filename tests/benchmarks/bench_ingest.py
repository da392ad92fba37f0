"""Ingest from a real broker into a real PostgreSQL, beside a bare consume-decode-COPY.

Prints one JSON object: events per second of both, measured in turns over the same records.
Rates on shared cores are noisy; compare the two within one run.
"""

import argparse
import asyncio
import json
import random
import statistics
import time
from datetime import UTC, datetime, timedelta

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.structs import TopicPartition

from services.ingest.decode import Fact, decode
from services.ingest.service import IngestService
from shared.kafka.admin import apply_topics
from shared.runtime.clock import WallClock
from shared.runtime.settings import Settings
from shared.store.session import Database
from tests.support.kafka import KafkaBroker
from tests.support.postgres import PostgresServer

TOPIC = "leadline.booking.v1"
PARTITIONS = 12
START = datetime(2025, 1, 1, tzinfo=UTC)


def records(count, seed):
    """Bookings of 449 bytes or so with 12 fields, 2 % duplicates, skewed over 20,000 accounts."""
    rng = random.Random(seed)
    recent = []
    for n in range(count):
        if recent and rng.random() < 0.02:
            yield rng.choice(recent)
            continue
        account = f"ACC-{int(20_000 * rng.random() ** 2):05d}"
        data = {
            "booking_ref": f"HPH-{n}", "phase": "confirmed", "mode": "sea", "service": "FCL",
            "origin": "VNHPH", "destination": rng.choice(["DEHAM", "NLRTM", "USLAX"]),
            "incoterm": "FOB", "teu": rng.randrange(1, 5), "weight_kg": rng.randrange(20_000),
            "volume_cbm": 56.0, "nominated_by": "consignee",
            "revenue": {"amount": "3150.00", "currency": "USD"},
        }  # fmt: skip
        envelope = {
            "specversion": "1.0", "id": f"{rng.getrandbits(64):016x}", "source": "/tms/hph-1",
            "type": TOPIC, "subject": account,
            "time": (START + timedelta(seconds=40 * n)).isoformat(),
            "datacontenttype": "application/json", "data": data,
        }  # fmt: skip
        recent = [*recent[-999:], (account.encode(), json.dumps(envelope).encode())]
        yield recent[-1]


async def produce(bootstrap, count, seed):
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, linger_ms=20, compression_type="lz4")
    await producer.start()
    waiting = [await producer.send(TOPIC, value, key=key) for key, value in records(count, seed)]
    await asyncio.gather(*waiting)
    await producer.stop()


async def leadline(settings, database, count):
    """Return seconds from the first to the last committed record."""
    stop = asyncio.Event()
    service = IngestService(settings, database, WallClock())
    running = asyncio.create_task(service.run(stop))
    begun = None
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        done = 0
        while done < count:
            await asyncio.sleep(0.02)
            row = connection.execute("SELECT COALESCE(sum(records_total), 0) FROM consumer_offset")
            done = int(row.fetchone()[0])
            if done and begun is None:
                begun, first = time.perf_counter(), done
    seconds = time.perf_counter() - begun
    stop.set()
    await running
    return seconds * count / max(1, count - first)


async def bare(settings, count):
    """Consume, decode and COPY the same records: no ledger, no aggregates, no offsets."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap, max_partition_fetch_bytes=4 << 20
    )
    await consumer.start()
    places = [TopicPartition(TOPIC, p) for p in range(PARTITIONS)]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    now = 2 * 10**15
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS bare")
        connection.execute(
            "CREATE TABLE bare (source text, id text, subject text, time bigint, data bytea)"
        )
        done, begun = 0, time.perf_counter()
        while done < count:
            for fetched in (await consumer.getmany(timeout_ms=200, max_records=10_000)).values():
                facts = [
                    decode(r.value, r.headers, key=r.key, topic=TOPIC, recorded_default=0, now=now)
                    for r in fetched
                ]
                await asyncio.to_thread(copy, connection, facts)
                done += len(fetched)
    seconds = time.perf_counter() - begun
    await consumer.stop()
    return seconds


def copy(connection, facts):
    statement = "COPY bare FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as into:
        into.set_types(["text", "text", "text", "bigint", "bytea"])
        for fact in facts:
            assert isinstance(fact, Fact)
            into.write_row((fact.source, fact.id, fact.subject, fact.time, fact.data))


def measure(count, rounds, seed):
    broker, server = KafkaBroker(), PostgresServer(durable=True, settings=("shared_buffers=1GB",))
    ours, plain = [], []
    try:
        broker.start()
        server.start()
        base = Settings(kafka_bootstrap=broker.bootstrap, _env_file=None)
        asyncio.run(apply_topics(base, partitions=PARTITIONS))
        asyncio.run(produce(broker.bootstrap, count, seed))
        for turn in range(rounds):
            url = server.create_database()
            settings = base.model_copy(update={"database_url": url, "kafka_group": f"bench-{turn}"})
            database = Database(url)
            ours.append(count / asyncio.run(leadline(settings, database, count)))
            plain.append(count / asyncio.run(bare(settings, count)))
            database.close()
    finally:
        broker.close()
        server.close()
    return ours, plain


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    ours, plain = measure(chosen.events, chosen.rounds, chosen.seed)
    print(  # noqa: T201
        json.dumps(
            {
                "benchmark": "ingest, Kafka to committed facts, PostgreSQL",
                "events": chosen.events,
                "seed": chosen.seed,
                "events_per_second": [round(rate) for rate in ours],
                "bare_events_per_second": [round(rate) for rate in plain],
                "median_ratio_to_bare": round(
                    statistics.median(a / b for a, b in zip(ours, plain, strict=True)), 3
                ),
            }
        )
    )


if __name__ == "__main__":
    main()
