"""FastStream: batches of 500, acknowledged once they are stored, not before, as by default."""

import asyncio
import sys

import uvloop
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker

from tests.benchmarks.stacks.plain_writer import BATCH, Event, PlainWriter


async def main(bootstrap, url, topic):
    writer = PlainWriter(url)
    broker = KafkaBroker(bootstrap, logger=None)

    @broker.subscriber(
        topic, group_id=f"faststream-{url[-12:]}", batch=True, max_records=BATCH,
        auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR,
    )  # fmt: skip
    async def take(events: list[Event]) -> None:
        await asyncio.to_thread(writer.write, events)

    await FastStream(broker).run()


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:4]))
