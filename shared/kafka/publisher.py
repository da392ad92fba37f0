"""Messages to topics: acknowledged or known to be unknown."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.contracts.packed_headers import Headers
from shared.kafka.clients import make_producer, stop_client
from shared.runtime.settings import Settings

SEND_SECONDS = 10.0


class Message(NamedTuple):
    """What goes out; the key decides the partition."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class PublishError(Exception):
    """The broker did not acknowledge in time. Some messages may still arrive: publish again."""


class Publisher:
    """Owns a producer; makes a new one after a failure.

    An idempotent producer never gives up by itself while its broker is dead, and may wedge after
    an outage. What it still delivers later is a repeat, which receivers know by the event's id.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: AIOKafkaProducer | None = None

    async def publish(self, messages: Sequence[Message]) -> None:
        """Send in order per key; return once all are acknowledged, else raise `PublishError`."""
        try:
            await asyncio.wait_for(self._publish(messages), SEND_SECONDS)
        except asyncio.CancelledError as error:
            await self.close()
            if _is_cancelled():
                raise
            raise PublishError("the client gave up its own work") from error
        except Exception as error:
            # Whatever it was: this producer may be wedged, and the next turn makes a new one.
            await self.close()
            raise PublishError(repr(error)) from error

    async def _publish(self, messages: Sequence[Message]) -> None:
        if self._producer is None:
            producer = make_producer(self._settings)
            self._producer = producer
            await producer.start()
        waiting = [
            await self._producer.send(
                message.topic,
                value=message.value,
                key=message.key,
                headers=list(message.headers),
            )
            for message in messages
        ]
        await asyncio.gather(*waiting)

    async def close(self) -> None:
        """Stop the producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            with contextlib.suppress(KafkaError):
                await stop_client(producer)


def _is_cancelled() -> bool:
    """Return whether somebody cancelled this task, not the client one of its own futures."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
