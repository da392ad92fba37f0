"""The relay: from the outbox to Kafka, in order per account, and to the stream of changes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import structlog

from services.signals.store.locks import RELAY, try_lock
from services.signals.store.stream import already_out, prune, published, waiting
from shared.kafka.publisher import Message, PublishError
from shared.runtime.clock import Clock
from shared.store.session import Database

log = structlog.get_logger(__name__)

CHUNK = 500
IDLE_SECONDS = 0.1
RETRY_SECONDS = 1.0
PRUNE_SECONDS = 3600.0
HEADERS = (("content-type", b"application/cloudevents+json; charset=utf-8"),)


class Publishes(Protocol):
    """Sends messages in order per key; `shared.kafka.publisher.Publisher` is one."""

    async def publish(self, messages: Sequence[Message]) -> None:
        """Return once all are acknowledged, else raise `PublishError`."""


class Relay:
    """Moves what waits; one process at a time does it, by a lock of its own.

    An event leaves the outbox only after the broker has acknowledged it, so it goes out at least
    once and always with the same bytes. Without a publisher it only reaches the stream.
    """

    def __init__(self, database: Database, clock: Clock, publisher: Publishes | None) -> None:
        self._database, self._clock, self._publisher = database, clock, publisher
        self._pruned: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop; what waits for a broker goes on waiting in the database."""
        while not stop.is_set():
            pause = IDLE_SECONDS
            try:
                if await self.relay_once():
                    continue
                await asyncio.to_thread(self._prune)
            except PublishError as error:
                log.warning("events wait for the broker", error=str(error))
                pause = RETRY_SECONDS
            except Exception as error:  # noqa: BLE001  # a relay that ends holds everything up
                log.warning("the relay failed, trying again", error=repr(error)[:300])
                pause = RETRY_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def relay_once(self) -> int:
        """Publish one chunk; return the number of events that left the outbox.

        What the stream has was acknowledged before: it is not sent again, since a rebuild may
        tell it in other bytes.
        """
        with self._turn() as connection:
            if connection is None:
                return 0
            rows = await asyncio.to_thread(waiting, connection, CHUNK)
            if not rows:
                return 0
            out = await asyncio.to_thread(already_out, connection, rows)
            if out:
                log.warning("events told again are not published again", events=len(out))
            fresh = [row for row in rows if row.event_id not in out]
            if fresh and self._publisher is not None:
                await self._publisher.publish([_message(row) for row in fresh])
            await asyncio.to_thread(self._store, rows)
        return len(rows)

    @contextmanager
    def _turn(self) -> Iterator[Any]:
        """Hold the relays' lock; None when another process has it."""
        with self._database.hold() as connection:
            yield connection if try_lock(connection, RELAY) else None

    def _store(self, rows: Sequence[Any]) -> None:
        with self._database.write() as connection:
            published(connection, rows, self._clock.now())

    def _prune(self) -> None:
        at = self._clock.monotonic()
        if self._pruned is not None and at - self._pruned < PRUNE_SECONDS:
            return
        with self._database.write() as connection:
            prune(connection, self._clock.now())
        self._pruned = at


def _message(row: Any) -> Message:
    return Message(row.topic, row.key.encode(), row.body, HEADERS)
