"""The ingest service: the consumer loop with what runs beside it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import structlog

from services.ingest.dlq import publish_dead_letters
from services.ingest.sink import KafkaSink
from services.ingest.store.instance_name import InstanceName
from services.ingest.store.partitions import PartitionStore
from shared.domain.event_types import EventType
from shared.kafka.admin import BrokerUnavailableError, cluster_id, missing_topics
from shared.kafka.clients import SESSION_TIMEOUT_MS, make_consumer
from shared.kafka.codecs import missing_codecs
from shared.kafka.consumer import ConsumerLoop
from shared.kafka.publisher import Publisher
from shared.runtime.clock import Clock
from shared.runtime.collector import EVERY_SECONDS, collect_cycles
from shared.runtime.repeat import repeat
from shared.runtime.settings import Settings
from shared.runtime.telemetry import INSTANCE_ID_SHARED
from shared.store.session import Database

log = structlog.get_logger(__name__)

INBOUND = tuple(kind.topic for kind in EventType)
FIRST = (EventType.COMPLAINT.topic, EventType.CONTACT_CHANGE.topic)
"""What may open an alert at once, and is little: it does not wait behind bookings."""
RETRY_SECONDS = 1.0
NAME_SECONDS = 2.0
STALLED_SECONDS = 60.0
UNANSWERED_SECONDS = 5.0
SHOWN = 3


class IngestService:
    """One member of the consumer group; `run` it, and ask it how it is."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        *,
        known_cluster_id: str | None = None,
        session_timeout_ms: int = SESSION_TIMEOUT_MS,
        lag_seconds: float = 0.5,
        on_commit: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._cluster_id = known_cluster_id
        self._session_timeout_ms = session_timeout_ms
        self._lag_seconds = lag_seconds
        self._on_commit = on_commit
        self._waits_for: str | None = "starting"
        self._twin: str | None = None
        self._loop: ConsumerLoop | None = None
        self._sink: KafkaSink | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Consume until told to stop.

        Raises `LogLostError` when an operator must decide.
        """
        cluster = await self._wait_for_cluster(stop)
        if cluster is None:
            return
        sink = KafkaSink(
            PartitionStore(self._database, cluster),
            self._clock,
            cluster,
            breaker_on=self._settings.breaker == "on",
            on_commit=self._on_commit,
        )
        self._sink = sink
        self._loop = ConsumerLoop(
            lambda: make_consumer(self._settings, session_timeout_ms=self._session_timeout_ms),
            INBOUND,
            sink,
            self._clock,
            lag_seconds=self._lag_seconds,
            first=FIRST,
        )
        publisher = Publisher(self._settings)
        side = [
            asyncio.create_task(
                repeat(
                    "dead letters",
                    lambda: publish_dead_letters(self._database, publisher),
                    seconds=RETRY_SECONDS,
                )
            ),
            asyncio.create_task(repeat("breakers", sink.refresh_breakers, seconds=RETRY_SECONDS)),
            asyncio.create_task(self._release(sink, stop)),
            asyncio.create_task(_collect(self._clock)),
        ]
        name = self._name()
        if name is not None:
            side.append(
                asyncio.create_task(
                    repeat("instance id", lambda: self._hold(name), seconds=NAME_SECONDS)
                )
            )
        self._waits_for = None
        try:
            await self._loop.run(stop)
        finally:
            for task in side:
                task.cancel()
            await asyncio.gather(*side, return_exceptions=True)
            await publisher.close()
            sink.close()
            if name is not None:
                name.release()

    def fault(self) -> str | None:
        """Return why the service is not ready, or None."""
        if self._waits_for is not None:
            return self._waits_for
        if self._sink is not None and self._sink.breakers.open:
            stopped = sorted(self._sink.breakers.open.items())
            topics = ", ".join(f"{topic} ({why})" for topic, why in stopped)
            return (
                f"intake stopped by the breaker: {topics};"
                " see `leadline dlq list`, then `leadline resume`"
            )
        if self._twin is not None:
            return self._twin
        if (unanswered := self._unanswered() or 0.0) > UNANSWERED_SECONDS:
            return f"no answer from the database for {unanswered:.0f} s"
        return None if self._loop is None else self._loop.fault()

    def stalled(self) -> str | None:
        """Return why the process should be restarted, or None.

        A restart would not bring back a database that does not answer.
        """
        if self._loop is None or self._waits_for is not None or self._unanswered() is not None:
            return None
        idle = self._clock.monotonic() - self._loop.last_turn
        return f"no poll for {idle:.0f} s" if idle > STALLED_SECONDS else None

    def _unanswered(self) -> float | None:
        """Return for how long the database has owed an answer, or None."""
        asked_at = None if self._sink is None else self._sink.asked_at
        return None if asked_at is None else self._clock.monotonic() - asked_at

    async def _wait_for_cluster(self, stop: asyncio.Event) -> str | None:
        """Return the cluster's id once it answers, has every topic, and all can be read."""
        while not stop.is_set():
            try:
                cluster = self._cluster_id or await cluster_id(self._settings)
                lacking = await missing_topics(self._settings, INBOUND)
            except BrokerUnavailableError as error:
                self._waits_for = f"no answer from Kafka: {error}"
            else:
                self._waits_for = missing_codecs()
                if lacking:
                    self._waits_for = (
                        f"topics are missing: {few(lacking)}; run `leadline topics apply`"
                    )
                if self._waits_for is None:
                    self._waits_for = "starting"
                    return cluster
            log.warning("waiting", reason=self._waits_for)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), RETRY_SECONDS)
        return None

    def _name(self) -> InstanceName | None:
        """Return the claim to this process's name, if it has one; SQLite has one process only."""
        given = self._settings.kafka_instance_id
        if not given or self._database.sqlite:
            return None
        return InstanceName(self._database.url, self._settings.kafka_group, given)

    async def _hold(self, name: InstanceName) -> None:
        """Hold the name; say so, and be not ready, while another process has it."""
        held = await asyncio.to_thread(name.hold)
        INSTANCE_ID_SHARED.set(not held)
        twin = None
        if not held:
            twin = (
                "another process runs under LEADLINE_KAFKA_INSTANCE_ID="
                f"{self._settings.kafka_instance_id}: give each a name of its own"
            )
            if self._twin is None:
                log.error("two processes under one name", reason=twin)
        self._twin = twin

    @staticmethod
    async def _release(sink: KafkaSink, stop: asyncio.Event) -> None:
        """Once told to stop, wait no longer for a database that does not answer."""
        await stop.wait()
        sink.stop_waiting()


def few(names: Sequence[str]) -> str:
    """Return some of the names, and how many more there are."""
    shown = ", ".join(names[:SHOWN])
    return shown if len(names) <= SHOWN else f"{shown} and {len(names) - SHOWN} more"


async def _collect(clock: Clock) -> None:
    pause = EVERY_SECONDS
    while True:
        await asyncio.sleep(pause)
        pause = collect_cycles(clock)
