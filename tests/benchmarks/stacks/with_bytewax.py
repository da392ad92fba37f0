"""Bytewax, one worker: its Kafka source in batches of 500, and a sink of our own."""

import sys

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import run_main

from tests.benchmarks.stacks.plain_writer import BATCH, Event, PlainWriter


class StoreSink(DynamicSink):
    """Stores what comes, batch by batch."""

    def __init__(self, url):
        self._url = url

    def build(self, _step_id, _worker_index, _worker_count):
        return StorePartition(self._url)


class StorePartition(StatelessSinkPartition):
    def __init__(self, url):
        self._writer = PlainWriter(url)

    def write_batch(self, items):
        self._writer.write(items)


def _decoded(message):
    return Event.model_validate_json(message.value)


def main(bootstrap, url, topic):
    flow = Dataflow("bookings")
    source = KafkaSource([bootstrap], [topic], tail=True, batch_size=BATCH)
    events = op.map("decode", op.input("read", flow, source), _decoded)
    op.output("store", events, StoreSink(url))
    run_main(flow)


if __name__ == "__main__":
    main(*sys.argv[1:4])
