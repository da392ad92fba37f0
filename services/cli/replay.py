"""Events to topics in order, never further ahead of the consumer than the broker keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from services.ingest.adapters import MappedEvent
from shared.contracts.file_rows import file_headers
from shared.kafka.embedded import RETAINED_BYTES, RETAINED_RECORDS
from shared.kafka.publisher import Message, Publisher
from shared.runtime.settings import Settings

BATCH = 1_000
BATCH_BYTES = 512 * 1024
AHEAD_BYTES = RETAINED_BYTES // 2
"""The bound for all partitions together, so it holds for each of them."""
RECORD_OVERHEAD = 120
"""Key, framing and index of a record in the log, generously."""
POLL_SECONDS = 0.01


class Stop(Protocol):
    """A flag, of asyncio or of threads."""

    def is_set(self) -> bool:
        """Return whether it is set."""
        ...


class Window:
    """How many records may be under way: what fits even if all lie in one partition."""

    def __init__(self) -> None:
        self._longest = 0
        self.sent = 0

    def takes(self, events: Iterable[MappedEvent]) -> None:
        """Note what is about to be sent."""
        for event in events:
            self._longest = max(self._longest, len(event.value))
            self.sent += 1

    @property
    def records(self) -> int:
        """Return the bound."""
        return min(RETAINED_RECORDS // 2, AHEAD_BYTES // (self._longest + RECORD_OVERHEAD))


async def produced(settings: Settings, events: Iterable[MappedEvent]) -> int:
    """Send events to a real cluster, which keeps them; return how many."""
    publisher = Publisher(settings)
    count = 0
    try:
        for batch in _batches(events, BATCH):
            await publisher.publish([_message(event) for event in batch])
            count += len(batch)
    finally:
        await publisher.close()
    return count


class Publishes(Protocol):
    """Sends messages in order per key; `shared.kafka.publisher.Publisher` is one."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return once all are acknowledged."""


async def replayed(
    publisher: Publishes,
    events: Iterable[MappedEvent],
    *,
    applied: Callable[[], int],
    stop: Stop,
    sent: Callable[[MappedEvent], None] = lambda _event: None,
    due: Callable[[MappedEvent], float] | None = None,
) -> int:
    """Send events to the embedded broker; return how many were sent.

    Parameters
    ----------
    applied : callable
        Returns how many of this broker's records are committed to the database.
    sent : callable
        Hears each event once the broker has acknowledged it.
    due : callable, optional
        Returns the seconds to wait before an event may be sent; for playing in time.
    """
    window = Window()
    for batch in _batches(events, BATCH if due is None else 1):
        if due is not None:
            await _until_due(batch[0], due, stop)
        window.takes(batch)
        while not stop.is_set():  # the database is asked, it does not call
            under_way = window.sent - await asyncio.to_thread(applied)
            if under_way <= max(window.records, len(batch)):
                break
            await asyncio.sleep(POLL_SECONDS)
        if stop.is_set():
            break
        await publisher.publish([_message(event) for event in batch])
        for event in batch:
            sent(event)
    return window.sent


async def _until_due(event: MappedEvent, due: Callable[[MappedEvent], float], stop: Stop) -> None:
    while not stop.is_set() and (left := due(event)) > 0:  # noqa: ASYNC110 - it is a delay
        await asyncio.sleep(min(left, 0.2))


def _message(event: MappedEvent) -> Message:
    headers = (*STRUCTURED, *file_headers(event.where))
    return Message(event.topic, event.subject.encode(), event.value, headers)


STRUCTURED = (("content-type", b"application/cloudevents+json"),)


def _batches(events: Iterable[MappedEvent], size: int) -> Iterator[list[MappedEvent]]:
    """Yield batches of at most `size` events and `BATCH_BYTES`, but of one event at least."""
    batch: list[MappedEvent] = []
    length = 0
    for event in events:
        if batch and (len(batch) == size or length + len(event.value) > BATCH_BYTES):
            yield batch
            batch, length = [], 0
        batch.append(event)
        length += len(event.value)
    if batch:
        yield batch
