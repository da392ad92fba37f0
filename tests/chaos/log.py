"""Topics as anybody can read them: from offset 0, by a consumer of our own, without a group."""

import time
from typing import NamedTuple

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

SETTINGS = {
    "group.id": "nobody",  # the library asks for a name; nothing is ever committed under it
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "auto.offset.reset": "error",
    "fetch.message.max.bytes": 4 * 1024 * 1024,
    "log_level": 0,
}
PARTITION_EOF = -191
SILENCE_SECONDS = 20


class Logged(NamedTuple):
    """One record as the broker has it."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple
    timestamp_ms: int


def topics(bootstrap, prefix="leadline."):
    """Return the partition count of every topic of ours."""
    admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
    described = admin.list_topics(timeout=20).topics
    return {n: len(t.partitions) for n, t in sorted(described.items()) if n.startswith(prefix)}


def ends(bootstrap, names=None):
    """Return (first, next) offset of every partition."""
    consumer = Consumer(SETTINGS | {"bootstrap.servers": bootstrap})
    try:
        return {
            (name, partition): consumer.get_watermark_offsets(
                TopicPartition(name, partition), timeout=20
            )
            for name, count in topics(bootstrap).items()
            if names is None or name in names
            for partition in range(count)
        }
    finally:
        consumer.close()


def first_offset(bootstrap, topic, partition):
    """Return the first offset that a partition's log holds."""
    consumer = Consumer(SETTINGS | {"bootstrap.servers": bootstrap})
    try:
        return consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=20)[0]
    finally:
        consumer.close()


def read(bootstrap, names=None):
    """Return every record of the topics, each partition in its order."""
    marks = ends(bootstrap, names)
    cut = {place: first for place, (first, _) in marks.items() if first}
    assert not cut, f"the log has lost its beginning: {cut}"
    left = {place for place, (_, following) in marks.items() if following}
    consumer = Consumer(SETTINGS | {"bootstrap.servers": bootstrap})
    consumer.assign([TopicPartition(*place, 0) for place in left])
    found = []
    try:
        heard = time.perf_counter()
        while left:
            # The library waits for all of so many, and the end of a log is no message to it.
            messages = consumer.consume(1_000, timeout=0.2)
            if messages:
                heard = time.perf_counter()
            silent = time.perf_counter() - heard
            assert silent < SILENCE_SECONDS, f"the log ends nowhere: {sorted(left)}"
            for message in messages:
                if message.error() is None:
                    found.append(_logged(message))
                elif message.error().code() == PARTITION_EOF:
                    left.discard((message.topic(), message.partition()))
                else:
                    raise AssertionError(message.error())
    finally:
        consumer.close()
    return found


def _logged(message):
    headers = tuple((name, value) for name, value in message.headers() or ())
    return Logged(
        message.topic(), message.partition(), message.offset(), message.key(), message.value(),
        headers, message.timestamp()[1],
    )  # fmt: skip
