"""One poller per process feeds every listener of `/v1/stream`."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

import structlog
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from services.api.queries.stream import Change, changes_after, last_change_id
from shared.store.session import Database

log = structlog.get_logger(__name__)
POLL_SECONDS = 0.25
HEARTBEAT_SECONDS = 15.0
REMEMBERED = 2_000


class StreamHub:
    """Polls while somebody listens; listeners that fall behind read from the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: deque[Change] = deque(maxlen=REMEMBERED)
        self._position = 0
        self._listeners = 0
        self._poller: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    async def listen(
        self, last: int | None, own_only: str | None, heartbeat: float = HEARTBEAT_SECONDS
    ) -> AsyncIterator[Change | None]:
        """Yield the changes after `last` (None: from now on); None as a heartbeat."""
        self._loop = asyncio.get_running_loop()
        if last is None:
            last = await self._read_last()
        self._listeners += 1
        try:
            if self._poller is None or self._poller.done():
                self._position = await self._read_last()
                self._recent.clear()
                self._poller = asyncio.create_task(self._poll())
            while not self._closed:
                news = self._news
                changes = await self._since(last)
                for change in changes:
                    last = change.id
                    if own_only is None or change.kam_id == own_only:
                        yield change
                if changes or news.is_set():
                    continue
                try:
                    await asyncio.wait_for(news.wait(), heartbeat)
                except TimeoutError:
                    yield None
        finally:
            self._listeners -= 1

    def close(self) -> None:
        """End every listener; on the loop's own thread."""
        self._closed = True
        self._news.set()

    def end(self) -> None:
        """End every listener, from any thread, so that the process can stop."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.close)

    async def _since(self, last: int) -> list[Change]:
        if last >= self._position:
            return []
        if self._recent and self._recent[0].id <= last + 1:
            return [change for change in self._recent if change.id > last]
        return await run_in_threadpool(self._read, last)

    async def _poll(self) -> None:
        while self._listeners and not self._closed:
            try:
                changes = await run_in_threadpool(self._read, self._position)
            except DBAPIError as error:
                log.warning("the stream waits for the database", error=str(error.orig))
                changes = []
            if changes:
                self._recent.extend(changes)
                self._position = changes[-1].id
                news, self._news = self._news, asyncio.Event()
                news.set()
            else:
                await asyncio.sleep(POLL_SECONDS)

    def _read(self, last: int) -> list[Change]:
        with self._database.read() as connection:
            return changes_after(connection, last)

    async def _read_last(self) -> int:
        def read() -> int:
            with self._database.read() as connection:
                return last_change_id(connection)

        return await run_in_threadpool(read)
