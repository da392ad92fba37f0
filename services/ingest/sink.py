"""Records of Kafka partitions to committed facts: the sink of the consumer loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import structlog

from services.ingest.batch import Batch, FencedError, Intake
from services.ingest.breaker import Breakers
from services.ingest.defects import report_defects
from services.ingest.metrics import count_dead_letters, count_outcomes
from services.ingest.patience import GivenUpError, pauses
from services.ingest.portion import DecodedPortion, decoded, joined, letter_of
from services.ingest.store.partitions import PartitionStore
from shared.kafka.positions import Place, Stand
from shared.kafka.sink import PartitionLostError
from shared.runtime.clock import Clock
from shared.runtime.telemetry import BATCH_DURATION, PARTITIONS_FENCED
from shared.store.base import to_micros
from shared.store.faults import is_passing

Result = TypeVar("Result")
log = structlog.get_logger(__name__)


class KafkaSink:
    """Applies portions in one transaction each poll, on a thread of its own.

    The loop decodes the next portions meanwhile: the driver waits for the database without
    holding the interpreter's lock.
    """

    def __init__(
        self,
        store: PartitionStore,
        clock: Clock,
        cluster_id: str,
        *,
        breaker_on: bool,
        on_commit: Callable[[], None] | None = None,
    ) -> None:
        self.breakers = Breakers(on=breaker_on)
        self._store = store
        self._clock = clock
        self._cluster_id = cluster_id
        self._on_commit = on_commit
        self._ending = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._side = ThreadPoolExecutor(1, thread_name_prefix="lag")
        self._last_timestamp: dict[Place, int] = {}
        self.asked_at: float | None = None
        """Since when the database owes an answer, by the monotonic clock."""

    async def locate(self, places: Mapping[Place, int]) -> Mapping[Place, Stand]:
        """Return the stored positions; new partitions begin at the given offset."""
        try:
            found = await self._patiently(lambda: self._store.locate(places, self._now()))
            self.breakers.loaded(await self._patiently(self._store.open_breakers))
        except GivenUpError:
            return {}
        return found

    def take(self, place: Place, expected: int, records: Sequence[Any]) -> DecodedPortion | None:
        """Decode records up to the one that opens the breaker; None while it is open."""
        if not self.wants(place):
            return None
        breaker = self.breakers.of(place.topic)
        portion = decoded(
            records, place, expected, cluster_id=self._cluster_id, now=self._now(), breaker=breaker
        )
        self._last_timestamp[place] = portion.last_timestamp
        if portion.tripped:
            self.breakers.trip(place.topic, portion.tripped)
        return portion

    def wants(self, place: Place) -> bool:
        """Tell whether the topic's breaker is closed."""
        return place.topic not in self.breakers.open

    async def write(self, portions: Sequence[DecodedPortion]) -> None:
        """Commit the portions; raise `PartitionLostError` naming those that were fenced."""
        left, lost = list(portions), set[Place]()
        with BATCH_DURATION.time():
            while left:
                try:
                    await self._write(left)
                    break
                except GivenUpError:
                    lost.update(portion.place for portion in left)
                    break
                except FencedError as fenced:
                    gone = {Place(*place) for place in fenced.places}
                    PARTITIONS_FENCED.inc(len(gone))
                    lost |= gone
                    left = [portion for portion in left if portion.place not in gone]
        if lost:
            for topic in {place.topic for place in lost}:
                self.breakers.lost(topic)
            raise PartitionLostError(sorted(lost))

    async def measured(
        self, ends: Mapping[Place, int], others: Collection[Place], asked_at: float
    ) -> Mapping[Place, int]:
        """Store the log ends, for the lag and the watermark; return the stored positions."""

        def age() -> float:
            return self._clock.monotonic() - asked_at

        now = self._now()
        behind = {
            place: max(0.0, now / 1e6 - self._last_timestamp[place] / 1000)
            for place in ends
            if place in self._last_timestamp
        }
        return await asyncio.get_running_loop().run_in_executor(
            self._side, partial(self._store.store_lags, ends, others, behind, now, age)
        )

    async def refresh_breakers(self) -> None:
        """Close the breakers that `leadline resume` has closed."""
        known = self.breakers.known()
        if not known:
            return
        for topic in self.breakers.refreshed(known, await self._run(self._store.open_breakers)):
            log.info("intake resumed", topic=topic)

    def stop_waiting(self) -> None:
        """Let a write that waits for the database give up: the process is to end."""
        self._ending.set()

    def close(self) -> None:
        """End the threads."""
        self._thread.shutdown()
        self._side.shutdown()

    async def _write(self, portions: Sequence[DecodedPortion]) -> None:
        batch = Batch(
            Intake.KAFKA,
            self._now(),
            facts=[fact for p in portions for fact in p.facts],
            dead_letters=[letter for p in portions for letter in p.dead_letters],
            slices=joined(portions),
            letter_of=partial(letter_of, portions),
            trips={p.place.topic: p.tripped for p in portions if p.tripped},
        )
        await self._patiently(partial(self._commit, batch))
        self.breakers.stored(batch.trips)
        for topic, why in batch.trips.items():
            log.error("intake stopped", topic=topic, why=why)
        if self._on_commit is not None:
            self._on_commit()

    def _commit(self, batch: Batch) -> None:
        written = self._store.write(batch)
        count_outcomes(batch.facts, written.outcomes)
        count_dead_letters(batch.dead_letters)
        report_defects(batch.dead_letters)

    async def _patiently(self, work: Callable[[], Result]) -> Result:
        """Run `work` again, with growing pauses, while the database is away.

        Compare-and-set tells whether a COMMIT worked whose answer was lost.
        """
        self.asked_at = self._clock.monotonic()
        try:
            for pause in pauses():
                try:
                    return await self._run(work)
                except Exception as error:
                    if not is_passing(error):
                        raise
                    said = str(error).split("\n")[0]
                    log.warning("the database is away, trying again", error=said)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._ending.wait(), pause)
                if self._ending.is_set():
                    break
            raise GivenUpError
        finally:
            self.asked_at = None

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _now(self) -> int:
        return to_micros(self._clock.now())
