"""Lists of alerts for many: few threads, one reading for all who want the same, kept meanwhile.

Each request first learns the alerts' revision, by a look that begins after it came and that all
share who come meanwhile. It may then have any answer read at that revision, so nobody gets one
older than the question. Few threads: more of them would only fight for the interpreter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import Connection

from services.api.revisions import Revisions
from shared.runtime.clock import Clock
from shared.store.session import Database

T = TypeVar("T")
THREADS = 2
KEPT = timedelta(seconds=10)
MAX_KEPT = 64
"""A page of 500 alerts has 300 kB."""


class Lasting(NamedTuple, Generic[T]):
    """What a reading found, and how long it stays so by time alone, as long as nobody writes."""

    answer: T
    lasting: timedelta = timedelta.max


class _Kept(NamedTuple, Generic[T]):
    revision: Hashable
    since: datetime
    lasting: timedelta
    answer: T


class _Reading(Generic[T]):
    """One that waits for a thread or has begun; it sees all that `revision` does."""

    def __init__(self, revision: Hashable) -> None:
        self.revision, self.begun = revision, False
        self.found: asyncio.Task[T]

    def serves(self, revision: Hashable) -> bool:
        """Tell whether it is new enough for one who learnt `revision`; it is from then on."""
        if not self.begun:
            self.revision = revision
        return self.revision == revision


class SharedReads(Generic[T]):
    """Readings of one database's alerts, by what is asked; used on one event loop."""

    def __init__(self, database: Database, clock: Clock, threads: int = THREADS) -> None:
        self._database, self._clock = database, clock
        self._revisions = Revisions(database)
        # A thread of its own: a look must not queue behind readings.
        self._looker = ThreadPoolExecutor(1, thread_name_prefix="api-look")
        self._readers = ThreadPoolExecutor(threads, thread_name_prefix="api-read")
        self._look: asyncio.Task[Hashable] | None = None  # the last that has begun
        self._next_look: asyncio.Task[Hashable] | None = None
        self._readings: dict[Hashable, _Reading[T]] = {}
        self._kept: dict[Hashable, _Kept[T]] = {}

    async def ask(self, what: Hashable, reading: Callable[[Connection], Lasting[T]]) -> T:
        """Return what `reading` finds, or found, in all that was committed before this call."""
        if self._next_look is None:
            self._next_look = asyncio.create_task(self._looked(self._look))
        # Shielded: one who goes away must not cancel it for the others.
        revision = await asyncio.shield(self._next_look)
        kept = self._kept.get(what)
        if kept is not None and kept.revision == revision and self._is_new(kept):
            return kept.answer
        one = self._readings.get(what)
        if one is None or not one.serves(revision):
            one = self._readings[what] = _Reading(revision)
            one.found = asyncio.create_task(self._read(what, one, reading))
        return await asyncio.shield(one.found)

    def close(self) -> None:
        """End the threads; what waits is dropped."""
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._looker.shutdown(wait=False)

    def _is_new(self, kept: _Kept[T]) -> bool:
        return timedelta() <= self._clock.now() - kept.since < kept.lasting

    async def _looked(self, before: asyncio.Task[Hashable] | None) -> Hashable:
        if before is not None and not before.done():
            await asyncio.wait([before])  # whoever comes meanwhile shares the look after it
        self._look, self._next_look = self._next_look, None
        return await asyncio.get_running_loop().run_in_executor(self._looker, self._revisions.look)

    async def _read(
        self, what: Hashable, one: _Reading[T], reading: Callable[[Connection], Lasting[T]]
    ) -> T:
        def run() -> tuple[datetime, Lasting[T]]:
            one.begun = True
            with self._database.read() as connection:
                return self._clock.now(), reading(connection)

        try:
            since, found = await asyncio.get_running_loop().run_in_executor(self._readers, run)
        finally:
            if self._readings.get(what) is one:
                del self._readings[what]
        self._keep(what, _Kept(one.revision, since, min(found.lasting, KEPT), found.answer))
        return found.answer

    def _keep(self, what: Hashable, kept: _Kept[T]) -> None:
        self._kept.pop(what, None)
        self._kept[what] = kept
        if len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]  # the one that was read first
