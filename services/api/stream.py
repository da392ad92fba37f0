"""One poller per process feeds every listener of `/v1/stream`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from itertools import takewhile
from typing import NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from services.api.queries.stream import Change, changes_after, last_change_id
from shared.store.session import Database

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.25
REMEMBERED = 2_000


class Frame(NamedTuple):
    """A change as it is sent: written once, however many listen."""

    id: int
    kam_id: str | None
    text: bytes


class Heard(NamedTuple):
    """What came next, and where one is who has it: what follows comes after `position`."""

    position: int
    frames: Sequence[Frame] = ()


class StreamHub:
    """Polls while somebody listens; listeners that fall behind read from the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: deque[Frame] = deque(maxlen=REMEMBERED)
        self._position = 0
        self._returns = 0  # how often an older database took this one's place
        self._returned_to = 0
        self._listeners = 0
        self._poller: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def listeners(self) -> int:
        """Return how many listen."""
        return self._listeners

    async def newest(self) -> int:
        """Return the id of the newest change; who listens after it hears all that come later."""

        def read() -> int:
            with self._database.read() as connection:
                return last_change_id(connection)

        return await run_in_threadpool(read)

    async def listen(self, last: int, pause: float) -> AsyncGenerator[Heard, None]:
        """Yield what comes after `last`; nothing, every `pause` seconds in which nothing does."""
        self._loop = asyncio.get_running_loop()
        self._listeners += 1
        try:
            # Nothing is awaited between look and start: a second poller would double everything.
            if self._poller is None or self._poller.done():
                self._poller = asyncio.create_task(self._poll())
            returns = self._returns
            while not self._closed:
                if returns != self._returns:
                    returns, last = self._returns, min(last, self._returned_to)
                news = self._news
                if frames := await self._since(last):
                    last = frames[-1].id
                    yield Heard(last, frames)
                elif not news.is_set():
                    try:
                        await asyncio.wait_for(news.wait(), pause)
                    except TimeoutError:
                        yield Heard(last)
        finally:
            self._listeners -= 1

    def close(self) -> None:
        """End every listener; on the loop's own thread."""
        self._closed = True
        self._news.set()

    async def settled(self) -> None:
        """Wait for a look under way, which would keep its connection from a database's close."""
        if self._poller is not None:
            await asyncio.wait([self._poller])

    def end(self) -> None:
        """End every listener, from any thread, so that the process can stop."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.close)

    async def _since(self, last: int) -> list[Frame]:
        if last >= self._position:
            return []
        if self._recent and self._recent[0].id <= last + 1:
            # From the new end: most listeners lack the last few only.
            late = list(takewhile(lambda frame: frame.id > last, reversed(self._recent)))
            return late[::-1]
        return await run_in_threadpool(self._read, last)

    async def _poll(self) -> None:
        begun = False
        while self._listeners and not self._closed:
            frames: list[Frame] = []
            try:
                if not begun:
                    self._position = await self.newest()
                    self._recent.clear()  # there may be a gap since the poller before
                    begun = True
                    self._tell()
                frames, newest = await run_in_threadpool(self._next, self._position)
                if newest < self._position:
                    self._go_back(newest)
            except SQLAlchemyError as error:
                log.warning("the stream waits for the database", error=str(error)[:300])
            if frames:
                self._recent.extend(frames)
                self._position = frames[-1].id
                self._tell()
            else:
                await asyncio.sleep(POLL_SECONDS)

    def _go_back(self, newest: int) -> None:
        """Follow a database that was restored: its next changes have lower ids than ours."""
        log.warning("the stream goes back with the database", to=newest, was=self._position)
        self._position = self._returned_to = newest
        self._returns += 1
        self._recent.clear()
        self._tell()

    def _tell(self) -> None:
        """Wake every listener."""
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _next(self, last: int) -> tuple[list[Frame], int]:
        """Return the frames after `last`, and the last id of them or, without any, of all."""
        with self._database.read() as connection:
            changes = changes_after(connection, last)
            newest = changes[-1].id if changes else last_change_id(connection)
        return [_frame(change) for change in changes], newest

    def _read(self, last: int) -> list[Frame]:
        with self._database.read() as connection:
            return [_frame(change) for change in changes_after(connection, last)]


def _frame(change: Change) -> Frame:
    head = f"id: {change.id}\nevent: {change.kind}\n".encode()
    data = b"".join(b"data: " + line + b"\n" for line in change.body.splitlines())
    return Frame(change.id, change.kam_id, head + data + b"\n")
