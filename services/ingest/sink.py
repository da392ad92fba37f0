"""Records of Kafka partitions to committed facts: the sink of the consumer loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import structlog

from services.ingest.batch import Batch, DeadLetter, FencedError, Intake, PartitionSlice, PlacedFact
from services.ingest.breaker import Breaker
from services.ingest.decode import Fact, decode
from services.ingest.metrics import count_dead_letters, count_outcomes
from services.ingest.store import breakers, lags, offsets
from services.ingest.store.bulk import bulk_of
from services.ingest.store.patient import GivenUpError, PatientWriter
from shared.domain.event_types import EventType
from shared.kafka.consumer import record_digest
from shared.kafka.positions import Place
from shared.kafka.sink import PartitionLostError
from shared.runtime.clock import Clock
from shared.runtime.telemetry import BATCH_DURATION, PARTITIONS_FENCED
from shared.store.base import to_micros
from shared.store.session import Database

Result = TypeVar("Result")
log = structlog.get_logger(__name__)


@dataclass(slots=True)
class KafkaPortion:
    """Decoded consecutive records of one partition."""

    place: Place
    slice: PartitionSlice
    facts: list[PlacedFact]
    dead_letters: list[DeadLetter]
    tripped: str | None  # why the breaker opened at the last record taken

    @property
    def following(self) -> int:
        """Return the offset after the last record taken."""
        return self.slice.following


class KafkaSink:
    """Applies portions in one transaction each poll, on a thread of its own.

    The loop decodes the next portions meanwhile: the driver waits for the database without
    holding the interpreter's lock.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        cluster_id: str,
        *,
        breaker_on: bool,
        on_commit: Callable[[], None] | None = None,
    ) -> None:
        self.open_topics: dict[str, str] = {}  # topics whose breaker is open, and why
        self._database = database
        self._clock = clock
        self._cluster_id = cluster_id
        self._breaker_on = breaker_on
        self._breakers: dict[str, Breaker] = defaultdict(Breaker)
        self._writer = PatientWriter(database, on_commit)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._side = ThreadPoolExecutor(1, thread_name_prefix="lag")
        self._last_timestamp: dict[Place, int] = {}

    async def locate(self, places: Mapping[Place, int]) -> Mapping[Place, offsets.Position]:
        """Return the stored positions; new partitions begin at the given offset."""
        try:
            return await self._run(lambda: self._writer.patiently(lambda: self._locate(places)))
        except GivenUpError:
            return {}

    def take(self, place: Place, expected: int, records: Sequence[Any]) -> KafkaPortion | None:
        """Decode records up to the one that opens the breaker; None while it is open."""
        if place.topic in self.open_topics:
            return None
        now = to_micros(self._clock.now())
        facts: list[PlacedFact] = []
        letters: list[DeadLetter] = []
        tripped, newest, last = None, None, records[-1]
        breaker = self._breakers[place.topic]
        for record in records:
            decoded = decode(
                record.value,
                record.headers,
                key=record.key,
                topic=place.topic,
                recorded_default=record.timestamp * 1000,
                now=now,
            )
            good = isinstance(decoded, Fact)
            if isinstance(decoded, Fact):
                facts.append(PlacedFact(decoded, record.partition, record.offset))
                if decoded.type is not EventType.ACCOUNT:
                    newest = decoded.time if newest is None else max(newest, decoded.time)
            else:
                letters.append(self._letter(record, decoded.reason, decoded.detail))
            if self._breaker_on:
                tripped = breaker.observe(bad=not good, key=record.key)
            if tripped:
                last = record
                break
        self._last_timestamp[place] = last.timestamp
        part = PartitionSlice(
            self._cluster_id, place.topic, place.partition, expected, last.offset + 1,
            len(facts) + len(letters), newest, record_digest(last),
        )  # fmt: skip
        if tripped:
            self.open_topics[place.topic] = tripped
        return KafkaPortion(place, part, facts, letters, tripped)

    async def write(self, portions: Sequence[KafkaPortion]) -> None:
        """Commit the portions; raise `PartitionLostError` naming those that were fenced."""
        left, lost = list(portions), []
        with BATCH_DURATION.time():
            while left:
                try:
                    await self._run(partial(self._commit, left))
                    break
                except GivenUpError:
                    lost += [portion.place for portion in left]
                    break
                except FencedError as fenced:
                    PARTITIONS_FENCED.inc()
                    gone = Place(fenced.topic, fenced.partition)
                    lost.append(gone)
                    left = [p for p in left if p.place != gone]
        if lost:
            raise PartitionLostError(lost)

    async def measured(self, ends: Mapping[Place, int]) -> None:
        """Store the log ends, for the lag and the watermark."""
        now = self._clock.now()
        behind = {
            place: max(0.0, now.timestamp() - self._last_timestamp[place] / 1000)
            for place in ends
            if place in self._last_timestamp
        }
        await asyncio.get_running_loop().run_in_executor(
            self._side,
            lambda: lags.store(self._database, self._cluster_id, ends, behind, to_micros(now)),
        )

    async def refresh_breakers(self) -> None:
        """Close the breakers that `leadline resume` has closed."""
        still_open = await self._run(lambda: breakers.load_open(self._database))
        for topic in [t for t in self.open_topics if t not in still_open]:
            log.info("intake resumed", topic=topic)
            del self.open_topics[topic]
            del self._breakers[topic]

    def stop_waiting(self) -> None:
        """Let a write that waits for the database give up: the process is to end."""
        self._writer.give_up()

    def close(self) -> None:
        """End the threads."""
        self._thread.shutdown()
        self._side.shutdown()

    def _commit(self, portions: Sequence[KafkaPortion]) -> None:
        batch = Batch(
            Intake.KAFKA,
            to_micros(self._clock.now()),
            facts=[fact for p in portions for fact in p.facts],
            dead_letters=[letter for p in portions for letter in p.dead_letters],
            slices=[p.slice for p in portions],
        )
        written = self._writer.write(batch)
        count_outcomes(batch.facts, written.outcomes)
        count_dead_letters(batch.dead_letters)
        for portion in portions:
            if portion.tripped:
                log.error("intake stopped", topic=portion.place.topic, why=portion.tripped)
                breakers.open_breaker(
                    self._database, portion.place.topic, portion.tripped, self._clock.now()
                )

    def _locate(self, places: Mapping[Place, int]) -> dict[Place, offsets.Position]:
        at = to_micros(self._clock.now())
        found = {}
        with self._database.write() as connection:
            bulk = bulk_of(connection)
            for place, first in sorted(places.items()):
                position = offsets.locate(bulk, self._cluster_id, *place, first=first, at=at)
                if position is not None:
                    found[place] = position
        self.open_topics |= breakers.load_open(self._database) if self._breaker_on else {}
        return found

    def _letter(self, record: Any, reason: str, detail: str) -> DeadLetter:
        origin = f"kafka:{self._cluster_id}:{record.topic}:{record.partition}:{record.offset}"
        return DeadLetter(
            origin, record.topic, record.partition, record.offset, record.key, record.value,
            record.headers, reason, detail, record.timestamp * 1000,
        )  # fmt: skip

    async def _run(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
