"""CloudEvents as a producer would send them, and the topics they go to."""

import itertools
import json
from datetime import timedelta

from confluent_kafka import Consumer, Producer

from shared.runtime.clock import WallClock

NUMBERS = itertools.count(1)


def cloud_event(noun, subject, data, *, age_hours=1.0, source="/tms/test", event_id=None):
    """Return one structured event that happened `age_hours` ago."""
    time = WallClock().now() - timedelta(hours=age_hours)
    return {
        "specversion": "1.0",
        "id": event_id or f"{noun}-{next(NUMBERS)}",
        "source": source,
        "type": f"leadline.{noun}.v1",
        "subject": subject,
        "time": time.isoformat(),
        "datacontenttype": "application/json",
        "data": data,
    }


def produce(bootstrap, events):
    """Send events (or, as bytes with a topic, broken ones) to their topics; wait for the acks."""
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    for event in events:
        if isinstance(event, tuple):
            topic, key, value = event
        else:
            topic, key, value = event["type"], event["subject"], json.dumps(event)
        producer.produce(topic, key=key, value=value)
        producer.poll(0)
    assert producer.flush(30) == 0


def consume(bootstrap, topic, wanted, *, timeout_s=30):
    """Return the first `wanted` events of a topic, decoded."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"test-{next(NUMBERS)}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    try:
        messages = []
        while len(messages) < wanted and (message := consumer.poll(timeout_s)) is not None:
            assert message.error() is None, message.error()
            messages.append(message)
        return messages
    finally:
        consumer.close()
