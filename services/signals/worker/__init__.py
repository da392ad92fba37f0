"""Signals in a process: the worker's loop, the relay and the listener in threads of their own."""

from __future__ import annotations

import asyncio
import threading

import structlog
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.signals.configured import library_of
from services.signals.hazard.model import default_model
from services.signals.model_gauges import set_model_gauges
from services.signals.outbox import Relay
from services.signals.playbooks.library import Library
from services.signals.worker.beside import Beside
from services.signals.worker.listen import Listener
from services.signals.worker.plays import LibraryPlays
from services.signals.worker.stepper import Stepper
from shared.kafka.publisher import Publisher
from shared.runtime.clock import Clock
from shared.runtime.lifecycle import DRAIN_SECONDS
from shared.runtime.settings import Settings
from shared.store.session import Database

__all__ = ["SignalsWorker", "make_worker"]

log = structlog.get_logger(__name__)

STALLED_SECONDS = 120.0


class SignalsWorker:
    """Run it in a thread until told to stop; the other methods are safe from any thread.

    Raises `SettingsError` when a playbook file is wrong.
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
        self.library = library or library_of(settings)
        self._stepper = Stepper(
            database,
            clock,
            default_model(),
            LibraryPlays(self.library),
            clock_name=settings.clock,
            default_owner=settings.default_owner,
        )
        self._relay_failure: BaseException | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; an error that cannot be waited out is raised."""
        # Our matrices are small: threads of BLAS wait for each other longer than they reckon.
        threadpool_limits(limits=1)
        ended = threading.Event()
        listener = None
        if not self._database.sqlite:
            listener = Listener(self._database.url, self.wake)
            listener.start()
        relay = threading.Thread(
            target=self._relay, args=(ended,), name="signals-relay", daemon=True
        )
        relay.start()
        beside = Beside(self._settings, lambda: set_model_gauges(self._database))
        beside.start()
        try:
            self._stepper.run(stop)
        finally:
            ended.set()
            beside.close()
            if listener is not None:
                listener.close()
            relay.join(DRAIN_SECONDS)
        if self._relay_failure is not None:
            raise self._relay_failure

    def step(self) -> bool:
        """Do one piece of work, without the relay; False when nothing was due."""
        return self._stepper.step()

    def wake(self) -> None:
        """Look at once: facts were committed."""
        self._stepper.wake()

    def end_of_input(self) -> None:
        """Say that all input was applied and no more comes: the event clock need not wait."""
        self._stepper.end_of_input()

    def fault(self) -> str | None:
        """Return why the worker is not well, or None."""
        if self._relay_failure is not None:
            return f"the relay ended: {self._relay_failure!r}"
        idle = self._clock.monotonic() - self._stepper.last_step
        return f"no step for {idle:.0f} s" if idle > STALLED_SECONDS else None

    def _relay(self, ended: threading.Event) -> None:
        try:
            asyncio.run(self._relay_until(ended))
        except Exception as error:
            log.exception("the relay ended")
            self._relay_failure = error

    async def _relay_until(self, ended: threading.Event) -> None:
        stop = asyncio.Event()
        publisher = Publisher(self._settings) if self._settings.kafka_bootstrap else None
        relay = asyncio.create_task(Relay(self._database, self._clock, publisher).run(stop))
        waiting = asyncio.create_task(asyncio.to_thread(ended.wait))
        await asyncio.wait({relay, waiting}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        try:
            await asyncio.wait_for(relay, DRAIN_SECONDS - 3)
        except TimeoutError:
            log.warning("events stay in the outbox: the broker does not answer")
        if publisher is not None:
            await publisher.close()


def make_worker(settings: Settings, database: Database, clock: Clock) -> SignalsWorker:
    """Return the worker of these settings."""
    return SignalsWorker(settings, database, clock)
