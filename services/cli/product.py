"""The whole product in one process: ingest on its own loop, signals and api on threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import structlog
import uvloop

from services.api.app import create_app
from services.api.serve import ApiServer
from services.cli.common import CommandError
from services.cli.ports import ApiIntake
from services.ingest.service import IngestService
from services.signals.runs import RunCommands
from services.signals.worker import SignalsWorker, make_worker
from shared.kafka.clients import SESSION_TIMEOUT_MS
from shared.runtime.clock import Clock, WallClock
from shared.runtime.collector import relax_collector
from shared.runtime.settings import Settings
from shared.runtime.turns import take_short_turns
from shared.store.session import Database

log = structlog.get_logger(__name__)

JOIN_SECONDS = 10.0
POLL_SECONDS = 0.5


class Product:
    """Starts and stops the three services over one database."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        *,
        cluster_id: str | None = None,
        session_timeout_ms: int = SESSION_TIMEOUT_MS,
    ) -> None:
        self.settings = settings
        self.failure: BaseException | None = None
        self.failed = threading.Event()
        self._database = database
        self._clock = clock
        self._stop = threading.Event()
        self._signals_stop = threading.Event()
        self._signals: threading.Thread | None = None
        self._threads: list[threading.Thread] = []
        self._loop_stop: Callable[[], None] = lambda: None
        self.worker: SignalsWorker = make_worker(settings, database, clock)
        self.ingest: IngestService | None = None
        if settings.kafka_bootstrap:
            self.ingest = IngestService(
                settings,
                database,
                WallClock(),
                known_cluster_id=cluster_id,
                session_timeout_ms=session_timeout_ms,
                on_commit=self._facts_came,
            )
        self.api: ApiServer | None = None

    def start(self) -> None:
        """Start every service; returns once the api listens."""
        # The address first: when it is taken, nothing else has begun.
        self._start_api()
        relax_collector()
        take_short_turns()
        if self.ingest is not None:
            self.begin("ingest", self._run_ingest)
        self._start_signals()

    def _facts_came(self) -> None:
        """Wake the worker that scores now: it changes with the clock."""
        self.worker.wake()

    def raise_failure(self) -> None:
        """Raise `CommandError` where a service has ended by itself."""
        if self.failure is not None:
            raise CommandError(f"a service ended: {self.failure!r}") from self.failure

    def wait(self, stop: threading.Event) -> None:
        """Return once `stop` is set; raise `CommandError` as soon as a service ends by itself."""
        while not stop.wait(POLL_SECONDS):
            self.raise_failure()

    def change_clock(self, settings: Settings, clock: Clock) -> None:
        """Let another clock decide from now on; intake goes on meanwhile, the address stays."""
        self._stop_signals()
        if self.api is not None:
            self.api.stop()
            settings = settings.model_copy(update={"http_port": self.api.port})
        self.settings, self._clock = settings, clock
        self.worker = make_worker(settings, self._database, clock)
        self._start_signals()
        self._start_api()

    def _start_api(self) -> None:
        app = create_app(
            self._database,
            self.settings,
            self._clock,
            intake=ApiIntake(self._database, self._clock, self.worker.wake),
            runs=RunCommands(
                self._database,
                self._clock,
                self.worker.library,
                self.settings.default_owner,
                self.settings.clock,
            ),
        )
        self.api = ApiServer(app, self.settings.http_host, self.settings.http_port)
        self.api.start()

    def _start_signals(self) -> None:
        stop, worker = threading.Event(), self.worker
        self._signals_stop = stop
        self._signals = self.begin("signals", lambda: worker.run(stop))

    def _stop_signals(self) -> None:
        self._signals_stop.set()
        self.worker.wake()
        if self._signals is not None:
            self._signals.join(JOIN_SECONDS)

    def stop(self) -> None:
        """Stop in order: no more in, then no more out."""
        self._loop_stop()
        self._stop.set()
        self._stop_signals()
        if self.api is not None:
            self.api.stop()
        for thread in self._threads:
            thread.join(JOIN_SECONDS)

    @property
    def url(self) -> str:
        """Return where the api listens."""
        if self.api is None:
            raise RuntimeError("the product is not started")
        return self.api.url

    def begin(self, name: str, work: Callable[[], None]) -> threading.Thread:
        """Run what belongs to the product on a thread: if it fails, the product has failed."""
        thread = threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def _guarded(self, work: Callable[[], None]) -> None:
        """Run a service; its end by an exception ends the product, with a reason."""
        try:
            work()
        except BaseException as error:
            log.exception("a service ended", error=repr(error))
            self.failure = error
            self.failed.set()

    def _run_ingest(self) -> None:
        uvloop.run(self._ingest_until_stopped())

    async def _ingest_until_stopped(self) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._loop_stop = lambda: _done(loop.call_soon_threadsafe(stop.set))
        if self.ingest is not None and not self._stop.is_set():
            await self.ingest.run(stop)
        self._loop_stop = lambda: None


def _done(_handle: object) -> None:
    """Forget what a call returned."""
