import threading

from services.cli.replay import AHEAD_BYTES, BATCH, RECORD_OVERHEAD, Window, replayed
from services.ingest.adapters import MappedEvent
from shared.kafka.embedded import RETAINED_BYTES, RETAINED_RECORDS


def events(count, size=400):
    return [MappedEvent(b"x" * size, f"A{n % 7}", "leadline.booking.v1", n) for n in range(count)]


class SlowConsumer:
    """Takes what was published, and applies a little of it each time it is asked."""

    def __init__(self, per_look):
        self.published, self.done, self.most_bytes = [], 0, 0
        self.per_look = per_look

    async def publish(self, messages):
        self.published += messages
        under_way = self.published[self.done :]
        self.most_bytes = max(self.most_bytes, sum(len(m.value) for m in under_way))

    def applied(self):
        self.done = min(len(self.published), self.done + self.per_look)
        return self.done


async def test_the_producer_never_runs_ahead_of_what_the_broker_keeps():
    consumer = SlowConsumer(per_look=200)
    sent = await replayed(
        consumer, events(20_000), applied=consumer.applied, stop=threading.Event()
    )
    assert sent == len(consumer.published) == 20_000
    assert consumer.most_bytes <= AHEAD_BYTES < RETAINED_BYTES


async def test_large_events_narrow_the_window():
    consumer = SlowConsumer(per_look=1)
    big = events(40, size=900_000)
    await replayed(consumer, big, applied=consumer.applied, stop=threading.Event())
    assert consumer.most_bytes <= AHEAD_BYTES
    assert [m.value for m in consumer.published] == [e.value for e in big]


async def test_order_keys_and_content_type_are_kept():
    consumer = SlowConsumer(per_look=10_000)
    heard = []
    await replayed(
        consumer, events(2_500), applied=consumer.applied, stop=threading.Event(),
        sent=heard.append,
    )  # fmt: skip
    assert [m.key.decode() for m in consumer.published] == [e.subject for e in heard]
    assert dict(consumer.published[0].headers)["content-type"].startswith(b"application/cloud")


async def test_a_stop_ends_the_replay():
    consumer, stop = SlowConsumer(per_look=0), threading.Event()

    def applied():
        stop.set()
        return 0

    sent = await replayed(consumer, events(50_000), applied=applied, stop=stop)
    assert sent <= BATCH
    assert not consumer.published


async def test_an_event_waits_until_it_is_due():
    consumer = SlowConsumer(per_look=10_000)
    waits = {0: iter([0.01, 0.0]), 1: iter([0.0])}
    await replayed(
        consumer, events(2), applied=consumer.applied, stop=threading.Event(),
        due=lambda event: next(waits[event.time]),
    )  # fmt: skip
    assert len(consumer.published) == 2


def test_the_window_holds_even_if_all_lies_in_one_partition():
    window = Window()
    window.takes(events(10, size=1_000))
    assert window.records * (1_000 + RECORD_OVERHEAD) <= RETAINED_BYTES
    assert window.records <= RETAINED_RECORDS
