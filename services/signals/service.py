"""The signals service: the worker and the relay in threads of their own."""

from __future__ import annotations

import asyncio
import threading

import structlog

from services.signals.hazard.model import default_model
from services.signals.outbox import Relay
from services.signals.playbooks.library import Library, load_library
from services.signals.worker import SignalsWorker
from services.signals.worker.listen import Listener
from services.signals.worker.plays import LibraryPlays
from shared.kafka.publisher import Publisher
from shared.runtime.clock import Clock
from shared.runtime.lifecycle import DRAIN_SECONDS
from shared.runtime.settings import Settings
from shared.store.session import Database

log = structlog.get_logger(__name__)

STALLED_SECONDS = 120.0


class SignalsService:
    """Start it, wake it, close it; safe to use from any thread.

    Raises `LibraryError` when a playbook file is wrong.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        *,
        library: Library | None = None,
    ) -> None:
        self._settings, self._database, self._clock = settings, database, clock
        self.library = library or load_library(settings.playbooks)
        self.worker = SignalsWorker(
            database,
            clock,
            default_model(),
            LibraryPlays(self.library),
            clock_name=settings.clock,
            default_owner=settings.default_owner,
        )
        self._stop = threading.Event()
        self._listener = None if database.sqlite else Listener(database.url, self.worker.wake)
        self._fault: str | None = None
        self._threads = [
            threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
            for name, work in (("signals-worker", self._work), ("signals-relay", self._relay))
        ]

    def start(self) -> None:
        """Begin to work."""
        if self._listener is not None:
            self._listener.start()
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look at once: facts were committed in this process."""
        self.worker.wake()

    def end_of_input(self) -> None:
        """Say that all input was applied and no more comes for now."""
        self.worker.end_of_input()

    def close(self) -> None:
        """Finish the present piece of work and stop, within the time to drain."""
        self._stop.set()
        self.worker.wake()
        if self._listener is not None:
            self._listener.close()
        for thread in self._threads:
            thread.join(DRAIN_SECONDS)

    def fault(self) -> str | None:
        """Return why the service is not well, or None."""
        if self._fault is not None:
            return self._fault
        idle = self._clock.monotonic() - self.worker.last_step
        return f"no step for {idle:.0f} s" if idle > STALLED_SECONDS else None

    def _guarded(self, work: object) -> None:
        try:
            work()  # type: ignore[operator]
        except Exception as error:
            self._fault = f"{type(error).__name__}: {error}"
            log.exception("signals stopped")

    def _work(self) -> None:
        self.worker.run(self._stop)

    def _relay(self) -> None:
        asyncio.run(self._relay_until_stopped())

    async def _relay_until_stopped(self) -> None:
        stop = asyncio.Event()
        publisher = Publisher(self._settings) if self._settings.kafka_bootstrap else None
        relay = asyncio.create_task(Relay(self._database, self._clock, publisher).run(stop))
        await asyncio.to_thread(self._stop.wait)
        stop.set()
        try:
            await asyncio.wait_for(relay, DRAIN_SECONDS - 2)
        except TimeoutError:
            log.warning("events stay in the outbox: the broker does not answer")
        if publisher is not None:
            await publisher.close()
