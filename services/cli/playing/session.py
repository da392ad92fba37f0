"""One demo from start to end: broker, database, services, replay, then serve or prove."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvloop
from sqlalchemy import func, select

from services.api.keys import create_key
from services.cli.common import CommandError
from services.cli.playing.client import ApiClient
from services.cli.playing.input import DemoInput
from services.cli.playing.outcome import Heardings
from services.cli.playing.pace import LIVE_DAYS, LiveClock
from services.cli.playing.stages import Stages
from services.cli.product import Product
from services.cli.replay import replayed
from services.ingest.adapters import MappedEvent
from services.ingest.batch import Intake
from services.ingest.intake import EventIntake
from services.signals.features.facts import DAY_MICROS
from services.signals.store.progress import Progress, read_progress
from shared.contracts.topics import OUTBOUND
from shared.kafka.embedded import SESSION_TIMEOUT_MS, EmbeddedBroker
from shared.kafka.publisher import Publisher
from shared.kafka.reader import tail
from shared.runtime.clock import WallClock
from shared.runtime.settings import Settings
from shared.store.base import from_micros, to_micros
from shared.store.session import Database
from shared.store.tables import ConsumerOffsetRow, EventRow

TOKEN_DAYS = 30
POLL_SECONDS = 0.1
JOIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to play."""

    data: Path | None
    speed: float | None  # None: as fast as it goes, on the event clock
    check: bool


class Demo:
    """A running demo; made by `demo_running`."""

    def __init__(
        self,
        given: DemoInput,
        settings: Settings,
        database: Database,
        broker: EmbeddedBroker,
        stages: Stages,
        stop: threading.Event,
    ) -> None:
        self.given = given
        self.database = database
        self.heard = Heardings()
        self.fresh = self._events_stored(database) == 0
        self._settings = settings
        self._broker = broker
        self._stages = stages
        self._stop = stop
        self._playing: threading.Thread | None = None

    @staticmethod
    def _events_stored(database: Database) -> int:
        with database.read() as connection:
            return connection.scalar(select(func.count()).select_from(EventRow)) or 0

    def run(self, options: Options, serve: Callable[[Demo, Product, str], int]) -> int:
        """Play, then hand over to `serve` with the running product and an admin token.

        Raises `CommandError` where a service ends, or the person stops it while it plays.
        """
        wall = WallClock()
        live: LiveClock | None = None
        if options.speed is not None and self.given.events:
            start = from_micros(self.given.events[-1].time) - timedelta(days=LIVE_DAYS)
            live = LiveClock(wall, start, options.speed)
        token = create_key(self.database, wall, role="admin", days=TOKEN_DAYS).token
        product = Product(
            self._settings,
            self.database,
            wall,
            cluster_id=self._broker.cluster_id,
            session_timeout_ms=SESSION_TIMEOUT_MS,
        )
        product.start()
        try:
            self._keep_rejects()
            uvloop.run(self._play(product, live, token))
            if self._stop.is_set():
                raise CommandError("stopped before everything was played")
            if live is not None:
                product.change_clock(self._settings.model_copy(update={"clock": "wall"}), live)
                self._begin_live(product, live)
            return serve(self, product, token)
        finally:
            self._stop.set()
            if self._playing is not None:
                self._playing.join(JOIN_SECONDS)
            product.stop()

    def _keep_rejects(self) -> None:
        intake = EventIntake(self.database, WallClock(), Intake.IMPORT)
        for reject in self.given.rejects:
            intake.reject(*reject)

    async def _play(self, product: Product, live: LiveClock | None, token: str) -> None:
        """Replay the history, and wait until everything that follows from it has left."""
        said = asyncio.Event()
        topics = [spec.name for spec in OUTBOUND]
        listening = asyncio.create_task(tail(self._settings, topics, self.heard.hear, said))
        try:
            await self._replay(product, live)
            await self._settled(product, ApiClient(product.url, token), self._goal())
            said.set()
            await listening
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _replay(self, product: Product, live: LiveClock | None) -> None:
        """Send the history: everything, or with a live clock what lies before its start."""
        events = self._history(live)
        total, count = max(len(events), 1), 0
        publisher = Publisher(self._settings)
        with self._stages.moving("history") as advance:

            def sent(event: MappedEvent) -> None:
                nonlocal count
                count += 1
                advance(count / total, f"{from_micros(event.time):%B %Y}")

            try:
                done = await replayed(
                    publisher,
                    events,
                    applied=self.applied,
                    stop=_Either(self._stop, product.failed),
                    sent=sent,
                )
            finally:
                await publisher.close()
            while self.applied() < done and not self._ended(product):  # noqa: ASYNC110 - asked
                await asyncio.sleep(POLL_SECONDS)
        product.raise_failure()
        product.worker.end_of_input()

    async def _settled(self, product: Product, client: ApiClient, goal: int) -> None:
        """Wait until every due day is evaluated, every account scored and nothing waits."""
        with self._stages.moving("signals") as advance:
            begin: int | None = None
            while not self._ended(product):
                status = await asyncio.to_thread(client.get, "/v1/status")
                progress = await asyncio.to_thread(self._progress)
                if begin is None:
                    begin = progress.evaluated_day
                advance(*_fraction(begin, progress, goal))
                waiting = status["signals"]["pending_accounts"] + status["outbox"]["pending"]
                if (progress.complete_as_of or 0) >= goal and not waiting:
                    break
                await asyncio.sleep(POLL_SECONDS)
        product.raise_failure()

    def _goal(self) -> int:
        """Return the 00:00 UTC that follows the last event that moved the clock: none refused."""
        table = ConsumerOffsetRow
        query = select(func.max(table.max_event_time)).where(
            table.cluster_id == self._broker.cluster_id
        )
        with self.database.read() as connection:
            last = connection.scalar(query)
        if last is None:
            return 0
        reached = min(to_micros(last), to_micros(WallClock().now()))
        return (reached // DAY_MICROS + 1) * DAY_MICROS

    def _progress(self) -> Progress:
        with self.database.read() as connection:
            return read_progress(connection)

    def _history(self, live: LiveClock | None) -> Sequence[MappedEvent]:
        """Return everything, or what lies before a live clock's start."""
        if live is None:
            return self.given.events
        start = to_micros(live.start)
        return [event for event in self.given.events if event.time <= start]

    def _begin_live(self, product: Product, live: LiveClock) -> None:
        """Play the last weeks in their own time, beside the serving."""
        coming = self.given.events[len(self._history(live)) :]
        sent = self.applied()

        async def play() -> None:
            publisher = Publisher(self._settings)
            try:
                await replayed(
                    publisher,
                    coming,
                    applied=lambda: self.applied() - sent,
                    stop=_Either(self._stop, product.failed),
                    due=live.seconds_until,
                )
            finally:
                await publisher.close()

        live.begin()
        self._playing = product.begin("playing", lambda: uvloop.run(play()))

    def applied(self) -> int:
        """Return how many of this broker's records are committed."""
        table = ConsumerOffsetRow
        query = select(func.sum(table.records_total)).where(
            table.cluster_id == self._broker.cluster_id
        )
        with self.database.read() as connection:
            return int(connection.scalar(query) or 0)

    def _ended(self, product: Product) -> bool:
        return self._stop.is_set() or product.failed.is_set()


def _fraction(begin: int | None, progress: Progress, goal: int) -> tuple[float, str]:
    """Return how many of the days are evaluated, and the day reached."""
    if progress.evaluated_day is None:
        return 0.0, ""
    note = f"{from_micros(progress.evaluated_day * DAY_MICROS):%B %Y}"
    if begin is None:
        return 0.0, note
    days = max(goal // DAY_MICROS - begin, 1)
    return min((progress.evaluated_day - begin) / days, 1.0), note


class _Either:
    """Set as soon as one of two flags is."""

    def __init__(self, *flags: threading.Event) -> None:
        self._flags = flags

    def is_set(self) -> bool:
        return any(flag.is_set() for flag in self._flags)
