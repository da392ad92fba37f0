"""Reads for many: a few threads, and one reading for all who wait for the same.

A request may share only a reading that begins after it came, so nobody gets an answer older
than the question. Few threads: more of them would only fight for the interpreter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy import Connection

from shared.store.session import Database

T = TypeVar("T")
THREADS = 2


class SharedReads(Generic[T]):
    """Readings of one database, by what is asked."""

    def __init__(self, database: Database, threads: int = THREADS) -> None:
        # PostgreSQL reads committed data statement by statement anyhow; without a transaction
        # there is none to roll back, and the driver forgets its prepared statements on that.
        engine = database.engine
        self._engine = (
            engine if database.sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        )
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="api-read")
        self._lock = Lock()
        self._waiting: dict[Hashable, Future[T]] = {}

    async def ask(self, what: Hashable, reading: Callable[[Connection], T]) -> T:
        """Return what `reading` finds when it begins after this call."""
        with self._lock:
            found = self._waiting.get(what)
            if found is None:
                found = self._threads.submit(self._read, what, reading)
                self._waiting[what] = found
        # Shielded: one who goes away must not cancel it for the others.
        return await asyncio.shield(asyncio.wrap_future(found))

    def close(self) -> None:
        """End the threads; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _read(self, what: Hashable, reading: Callable[[Connection], T]) -> T:
        with self._lock:
            del self._waiting[what]  # whoever asks from now on needs a new reading
        with self._engine.connect() as connection:
            return reading(connection)
