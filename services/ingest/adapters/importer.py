"""A file into the database: in chunks, resumable, and harmless to repeat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import msgspec
from sqlalchemy import delete, insert, select

from services.ingest.adapters.run import MappedEvent, MappedFile, RowReject
from services.ingest.adapters.schema import Mapping
from services.ingest.batch import Intake
from services.ingest.intake import EventIntake
from services.ingest.refusals import Refusals
from shared.runtime.clock import Clock
from shared.store.session import Database
from shared.store.tables import ImportProgressRow

CHUNK = 2_000
READ_BYTES = 1024 * 1024


@dataclass(slots=True)
class ImportReport:
    """What became of a file's events."""

    outcomes: Counter[str] = field(default_factory=Counter)  # accepted, duplicate, conflict ...
    resumed_after: int = 0  # events and rejects that an earlier run had finished
    refusals: Refusals = field(default_factory=Refusals)  # kept as dead letters


class FileImport:
    """Imports one file through one map."""

    def __init__(self, database: Database, clock: Clock, path: Path, mapping: Mapping) -> None:
        self._database = database
        self._clock = clock
        self._file = MappedFile(path, mapping)
        self._intake = EventIntake(database, clock, Intake.IMPORT)
        # Another map, or the same one changed, makes other events of the same file.
        self._mapping = blake2b(msgspec.json.encode(mapping), digest_size=12).hexdigest()
        self._digest = file_digest(path)

    def run(self, advance: Callable[[float], None] = lambda _fraction: None) -> ImportReport:
        """Import what is left; `advance` hears the fraction done after each chunk."""
        report = ImportReport(resumed_after=self._done())
        items = iter(self._file)
        done = passed_over(items, report.resumed_after)
        while chunk := list(islice(items, CHUNK)):
            self._take(chunk, report)
            done += len(chunk)
            self._remember(done, finished=False)
            advance(self._file.fraction)
        self._remember(done, finished=True)
        return report

    def _take(self, chunk: list[MappedEvent | RowReject], report: ImportReport) -> None:
        events = [item for item in chunk if isinstance(item, MappedEvent)]
        results = self._intake.accept([one.value for one in events], [one.where for one in events])
        report.outcomes.update(result.status for result in results)
        for event, result in zip(events, results, strict=True):
            if result.reason is not None:
                report.refusals.add(result.reason, result.detail or "", event.where)
        for item in chunk:
            if isinstance(item, RowReject):
                self._intake.reject(*item)
                report.outcomes["rejected"] += 1
                report.refusals.add(item.reason, item.detail, item.where)

    def _done(self) -> int:
        with self._database.read() as connection:
            row = connection.execute(
                select(ImportProgressRow.events_done, ImportProgressRow.finished_at).where(
                    ImportProgressRow.file_digest == self._digest,
                    ImportProgressRow.mapping == self._mapping,
                )
            ).first()
        # A finished file is read again in full: that changes nothing, and proves it.
        return 0 if row is None or row.finished_at is not None else row.events_done

    def _remember(self, done: int, *, finished: bool) -> None:
        now = self._clock.now()
        table = ImportProgressRow
        with self._database.write() as connection:
            connection.execute(
                delete(table).where(
                    table.file_digest == self._digest, table.mapping == self._mapping
                )
            )
            connection.execute(
                insert(table).values(
                    file_digest=self._digest,
                    mapping=self._mapping,
                    events_done=done,
                    finished_at=now if finished else None,
                    updated_at=now,
                )
            )


def passed_over(items: Iterator[object], most: int) -> int:
    """Take so many items, or all there are, and keep none: a file may be larger than the memory."""
    return sum(1 for _ in islice(items, most))


def file_digest(path: Path) -> str:
    """Return the digest of a file's bytes."""
    digest = blake2b(digest_size=16)
    with path.open("rb") as file:
        for block in _blocks(file.read):
            digest.update(block)
    return digest.hexdigest()


def _blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while block := read(READ_BYTES):
        yield block
