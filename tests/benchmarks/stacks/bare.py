"""The floor: consume, decode, COPY. No ledger, no aggregates, no offsets, nothing is safe.

One fact row per record, of the columns and the width of the product's event row, without an
index. While one batch is copied the next is fetched and decoded, as the product does it.
"""

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
import psycopg
import uvloop
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

COLUMNS = {
    "source_id": "bigint", "event_id": "text", "type_id": "smallint", "account_id": "bigint",
    "entity": "bigint", "time": "bigint", "recorded_at": "bigint", "arrived_at": "bigint",
    "partition": "integer", "offset": "bigint", "data": "bytea",
}  # fmt: skip
LATER = {"nth": ("integer", 0), "changes": ("bytea", bytes(72))}
"""Columns that the product's row may have beside: their type, and a value of their usual width."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_RECORDS = 10_000

Number = Annotated[float, msgspec.Meta(ge=0, lt=1e12)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class Money(msgspec.Struct):
    amount: str | float
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class Booking(msgspec.Struct):
    booking_ref: Text
    phase: Literal[
        "requested", "confirmed", "amended", "rolled", "declined", "rejected", "cancelled",
        "completed",
    ]  # fmt: skip
    mode: str | None = None
    service: str | None = None
    origin: str | None = None
    destination: str | None = None
    incoterm: str | None = None
    nominated_by: str | None = None
    teu: Number | None = None
    weight_kg: Number | None = None
    volume_cbm: Number | None = None
    revenue: Money | None = None


class Envelope(msgspec.Struct):
    id: Text
    source: Text
    subject: Text
    type: Text
    time: datetime
    data: msgspec.Raw


def columns_of(names):
    """Return the columns of the table: those of COLUMNS, and the named ones of LATER."""
    return COLUMNS | {name: LATER[name][0] for name in names}


def rows(fetched, accounts, rest):
    """Decode with types and make rows that end in `rest`; accounts get numbers as they come."""
    envelope = msgspec.json.Decoder(Envelope)
    booking = msgspec.json.Decoder(Booking)
    now = time.time_ns() // 1000
    made = []
    for record in fetched:
        event = envelope.decode(record.value)
        payload = booking.decode(event.data)
        since = event.time - EPOCH
        micros = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        account = accounts.setdefault(event.subject, len(accounts) + 1)
        made.append((
            1, event.id, 2, account, hash(payload.booking_ref), micros, record.timestamp * 1000,
            now, record.partition, record.offset, bytes(event.data), *rest,
        ))  # fmt: skip
    return made


def copy(connection, columns, made):
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(f"COPY bare ({names}) FROM STDIN (FORMAT BINARY)") as into:
            into.set_types(list(columns.values()))
            for row in made:
                into.write_row(row)
        cursor.execute("UPDATE done SET records = records + %s", [len(made)])


async def main(bootstrap, url, topic, partitions, *later):
    columns, rest = columns_of(later), tuple(LATER[name][1] for name in later)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, max_partition_fetch_bytes=4 << 20, enable_auto_commit=False
    )
    await consumer.start()
    places = [TopicPartition(topic, p) for p in range(partitions)]
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    accounts, copying = {}, None
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("INSERT INTO done VALUES (0)")
        while True:
            fetched = await consumer.getmany(timeout_ms=200, max_records=MAX_RECORDS)
            made = [row for records in fetched.values() for row in rows(records, accounts, rest)]
            if copying is not None:
                await copying
            copying = (
                asyncio.create_task(asyncio.to_thread(copy, connection, columns, made))
                if made
                else None
            )


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:4], int(sys.argv[4]), *sys.argv[5:]))
