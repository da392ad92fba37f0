"""Small writes beside the requests: nobody waits for them, and one that fails is only logged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.api.commands import forget_answers
from services.api.keys import note_use
from shared.runtime.clock import Clock
from shared.store.session import Database

log = structlog.get_logger(__name__)
SWEEP = timedelta(hours=1)
NOTED = timedelta(minutes=1)
MAX_KEYS = 10_000


class Upkeep:
    """Notes the use of keys at most once a minute, and drops old answers once an hour."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._noted: dict[str, float] = {}
        self._swept: float | None = None
        self._running: set[asyncio.Task[None]] = set()

    def used(self, key_id: str) -> None:
        """Take note of a request with this key; called on the event loop."""
        now = self._clock.monotonic()
        last = self._noted.get(key_id)
        if last is None or now - last >= NOTED.total_seconds():
            if len(self._noted) >= MAX_KEYS:
                self._noted.clear()
            self._noted[key_id] = now
            self._begin(lambda at: note_use(self._database, key_id, at, NOTED))
        if self._swept is None or now - self._swept >= SWEEP.total_seconds():
            self._swept = now
            self._begin(lambda at: forget_answers(self._database, at))

    async def settled(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._running)

    def _begin(self, write: Callable[[datetime], object]) -> None:
        task = asyncio.create_task(self._do(write))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _do(self, write: Callable[[datetime], object]) -> None:
        try:
            await asyncio.to_thread(write, self._clock.now())
        except SQLAlchemyError as error:
            log.warning("upkeep failed", error=str(error)[:300])
