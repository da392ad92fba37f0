"""Topics on which people wait are read and written before the others in hand."""

import asyncio

from shared.kafka.consumer import MANY_OTHERS, ConsumerLoop
from tests.support.consuming import (
    BOOKINGS,
    COMPLAINTS,
    EmptyClient,
    LoopClock,
    OpenSink,
    Record,
)


class Client(EmptyClient):
    """Hands out what was fetched, in the order in which it was; bookings without end."""

    def __init__(self, at_once):
        self.at_once = at_once
        self.fetched = {BOOKINGS: 0}
        self.complaint = None

    async def start(self):
        await self.listener.on_partitions_assigned([COMPLAINTS, BOOKINGS])

    async def getmany(self, *partitions, timeout_ms, max_records):
        await asyncio.sleep(0)
        wanted = partitions or (BOOKINGS, COMPLAINTS)
        if BOOKINGS in wanted:
            begin, count = self.fetched[BOOKINGS], min(max_records, self.at_once)
            self.fetched[BOOKINGS] += count
            return {BOOKINGS: [Record(at) for at in range(begin, begin + count)]}
        taken, self.complaint = self.complaint, None
        return {} if taken is None else {COMPLAINTS: [taken]}


class Sink(OpenSink):
    """Writes down which topics each transaction had; a complaint comes during the first."""

    def __init__(self, client, stop):
        self.client, self.stop, self.transactions = client, stop, []

    async def write(self, portions):
        if not self.transactions:
            self.client.complaint = Record(0)
        self.transactions.append({portion.place.topic for portion in portions})
        await asyncio.sleep(0)
        if len(self.transactions) == 4:
            self.stop.set()


def transactions(*, at_once=MANY_OTHERS, **how):
    async def consume():
        stop, client = asyncio.Event(), Client(at_once)
        sink = Sink(client, stop)
        await ConsumerLoop(lambda: client, ["complaint", "booking"], sink, LoopClock(), **how).run(
            stop
        )
        return sink.transactions

    return asyncio.run(consume())


def test_a_complaint_behind_a_backlog_of_bookings_is_in_the_next_transaction():
    assert transactions(first=["complaint"])[:3] == [{"booking"}, {"complaint"}, {"booking"}]


def test_without_topics_that_come_first_the_backlog_does():
    assert transactions()[:3] == [{"booking"}, {"booking"}, {"booking"}]


def test_with_few_bookings_in_hand_the_complaint_shares_their_transaction():
    found = transactions(first=["complaint"], at_once=10)
    assert {"booking", "complaint"} in found
    assert {"complaint"} not in found
