"""What one listener of `/v1/stream` is sent: its changes, as long as its key holds, and beats."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from services.api.stream import Frame, Heard

PAUSE_SECONDS = 5.0
"""How long nothing is looked at while nothing happens: the key, and whether a beat is due."""
BEAT_SECONDS = 15.0
"""No longer than this nothing is sent: what stands between ends a connection that is silent."""
HELD_BACK = b": still here\n\n"


class Hub(Protocol):
    """Tells what is published; `services.api.stream.StreamHub`."""

    def listen(self, last: int, pause: float) -> AsyncGenerator[Heard, None]:
        """Yield what comes after `last`, and at least something every `pause` seconds."""
        ...


class Listener:
    """One client; `holds` says whether its key still lets it in as who it was then."""

    def __init__(
        self,
        hub: Hub,
        holds: Callable[[], Awaitable[bool]],
        own_only: str | None,
        *,
        pause: float = PAUSE_SECONDS,
        beat: float = BEAT_SECONDS,
    ) -> None:
        self._hub, self._holds, self._own_only = hub, holds, own_only
        self._pause, self._beat = pause, beat

    async def lines(self, last: int) -> AsyncGenerator[bytes, None]:
        """Yield the frames after `last` that are for it; end once the key does not hold."""
        now = asyncio.get_running_loop().time
        sent = asked = now()
        async with aclosing(self._hub.listen(last, self._pause)) as told:
            async for heard in told:
                for frame in filter(self._is_for, heard.frames):
                    # Anew before each: a client may take a batch as slowly as it likes.
                    while (may := await self._may()) is None:
                        yield HELD_BACK
                        await asyncio.sleep(self._pause)
                    if not may:
                        return
                    yield frame.text
                    sent = asked = now()
                if now() - asked >= self._pause:
                    if await self._may() is False:
                        return
                    asked = now()
                if now() - sent > self._beat - self._pause:  # the next look would be too late
                    yield beat(heard.position)
                    sent = now()

    def _is_for(self, frame: Frame) -> bool:
        return self._own_only is None or frame.kam_id == self._own_only

    async def _may(self) -> bool | None:
        """Return whether the key holds; None while the database cannot tell."""
        try:
            return await self._holds()
        except SQLAlchemyError:
            return None


def beat(position: int) -> bytes:
    """Return what moves the id to resume after, and is no event: it has no data.

    Else one to whom all that happened is foreign would be read all of it again.
    """
    return b": still here\nid: %d\n\n" % position
