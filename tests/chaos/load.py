"""Sends a stream at a steady rate from a thread of its own, and remembers what was acknowledged."""

import threading
import time
from hashlib import blake2b
from itertools import islice

from confluent_kafka import KafkaError, Producer

SETTINGS = {
    "acks": "all",
    "enable.idempotence": True,
    "linger.ms": 5,
    "message.timeout.ms": 180_000,
    "topic.metadata.refresh.interval.ms": 1_000,
    "reconnect.backoff.max.ms": 500,
    "log_level": 0,
}
TICK = 0.02


def fingerprint(value):
    """Return a short name of a value; None for a record without one."""
    return None if value is None else blake2b(value, digest_size=8).digest()


class Load:
    """A producer that never gives up.

    What a broker cannot explain is sent again: the client takes an unknown error, as a full disk
    may give one, for final. `acknowledged` has (topic, partition, offset, fingerprint
    of the value).
    """

    def __init__(self, bootstrap, stream, rate=1_000):
        self.rate = rate
        self.acknowledged = []
        self.refused = []
        self.records = iter(stream)
        self._producer = Producer(SETTINGS | {"bootstrap.servers": bootstrap})
        self._again = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        """Stop sending and wait for every acknowledgement."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._flush()
        assert not self.refused, self.refused[:3]

    def send(self, records):
        """Send these records at once, and wait until all are acknowledged."""
        for record in records:
            self._send(record)
        self._flush()

    def send_next(self, count, at_once=None):
        """Send so many records of the stream, each portion when the one before is acknowledged."""
        for sent in range(0, count, at_once or count):
            self.send(islice(self.records, min(at_once or count, count - sent)))

    def _flush(self):
        """Wait until all is acknowledged; what a server in trouble has refused is sent again."""
        until = time.perf_counter() + 180
        while True:
            waiting = self._producer.flush(until - time.perf_counter())
            assert not waiting, f"{waiting} records were never acknowledged"
            if not self._again:
                return
            assert time.perf_counter() < until, f"{len(self._again)} records are refused for ever"
            self._send_again()

    def _send_again(self):
        again, self._again = self._again, []
        for record in again:
            self._send(record)

    def _run(self):
        begun, sent = time.perf_counter(), 0
        while not self._stop.wait(TICK):
            due = int((time.perf_counter() - begun) * self.rate)
            # What an outage held up is not made good by a flood.
            if due - sent > self.rate:
                sent = due - self.rate
            for record in islice(self.records, due - sent):
                self._send(record)
            sent = due
            self._producer.poll(0)
            self._send_again()

    def _send(self, record):
        topic, key, value, headers, timestamp = record
        print_of = fingerprint(value)

        def acknowledged(error, message):
            if error is not None and error.code() == KafkaError.UNKNOWN:
                self._again.append(record)
            elif error is not None:
                self.refused.append(str(error))
            else:
                place = (message.topic(), message.partition(), message.offset())
                self.acknowledged.append((*place, print_of))

        while True:
            try:
                self._producer.produce(
                    topic, value, key, headers=list(headers), timestamp=timestamp,
                    on_delivery=acknowledged,
                )  # fmt: skip
            except BufferError:
                self._producer.poll(0.1)
            else:
                return
