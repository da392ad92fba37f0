"""A file and a map to events and rejects, always in the same order with the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from services.ingest.adapters.cells import CellError, Value, column_reader
from services.ingest.adapters.entities import Reducer, Typed, grouped
from services.ingest.adapters.render import EPOCH, MappedEvent, event_writer
from services.ingest.adapters.rows import BadRow, Row, SourceFile
from services.ingest.adapters.schema import Entity
from services.ingest.adapters.schema import Mapping as MapFile
from services.ingest.decode import undecodable
from shared.domain.event_types import BY_TOPIC

__all__ = ["MappedEvent", "MappedFile", "RowReject"]

Writer = Callable[[Mapping[str, Value]], MappedEvent | None]
DETAIL_LENGTH = 300


class RowReject(NamedTuple):
    """A row or line that cannot become an event: what it held, and why."""

    value: bytes
    reason: str  # of the closed set of dead-letter reasons
    detail: str  # names line and column
    where: str = ""  # name:line of the file


class _Head(msgspec.Struct):
    """What a producer must know of a CloudEvent."""

    subject: str
    type: str
    time: datetime


class MappedFile:
    """One file seen through one map; iterate it for events and rejects.

    Rows are streamed, except for entities with `group_by`, whose rows are held until the file
    ends; their events then come in order of time.
    """

    def __init__(self, path: Path, mapping: MapFile) -> None:
        self._path = path
        self._mapping = mapping
        self._file: SourceFile | None = None
        self._readers = {
            name: column_reader(column, mapping.tables) for name, column in mapping.columns.items()
        }

    @property
    def fraction(self) -> float:
        """Return how much of the file has been read, 0..1."""
        return self._file.fraction if self._file else 0.0

    def __iter__(self) -> Iterator[MappedEvent | RowReject]:
        """Yield events and rejects.

        Raises `OSError` when the file cannot be read, `WrongFileError` when its heading lacks a
        column that the map requires.
        """
        with SourceFile(self._path) as self._file:
            if self._mapping.passes_through:
                for line, text in self._file.lines():
                    yield _passed(text)._replace(where=f"{self._path.name}:{line}")
            else:
                yield from self._mapped(self._file)

    def _mapped(self, file: SourceFile) -> Iterator[MappedEvent | RowReject]:
        name, source = self._path.name, self._mapping.source
        streamed = [_Assembly(each, source, name) for each in self._mapping.entities]
        gathering = [each for each in streamed if each.entity.group_by]
        streamed = [each for each in streamed if not each.entity.group_by]
        held: list[Typed] = []
        needed = [one.source for one in self._mapping.columns.values() if one.required]
        for row in file.rows(self._mapping.input, needed):
            typed = self._typed(row)
            if isinstance(typed, RowReject):
                yield typed
                continue
            if gathering:
                held.append(typed)
            for each in streamed:
                yield from each.events([typed])
        made = [event for each in gathering for event in each.all_events(held)]
        yield from (one for one in made if isinstance(one, RowReject))
        events = (one for one in made if isinstance(one, MappedEvent))
        yield from sorted(events, key=lambda event: event.time)

    def _typed(self, row: Row | BadRow) -> Typed | RowReject:
        if isinstance(row, BadRow):
            return self._reject(row.line, row.cells, row.reason, row.detail)
        try:
            typed = {name: read(row.cells) for name, read in self._readers.items()}
        except CellError as error:
            return self._reject(row.line, row.cells, error.reason, str(error))
        except Exception as error:  # noqa: BLE001  # one row must not stop the others
            return self._reject(row.line, row.cells, *undecodable(error))
        typed["line"] = row.line
        return typed

    def _reject(self, line: int, cells: Any, reason: str, detail: str) -> RowReject:
        value = msgspec.json.encode({"file": self._path.name, "line": line, "row": cells})
        where = f"{self._path.name}:{line}"
        return RowReject(value, reason, f"line {line}: {detail}"[:DETAIL_LENGTH], where)


class _Assembly:
    """Makes the events of one kind of entity."""

    def __init__(self, entity: Entity, source: str, file: str) -> None:
        self.entity, self._file = entity, file
        self._reducer = Reducer(entity)
        self._writers: list[Writer] = [event_writer(event, source) for event in entity.events]

    def all_events(self, rows: list[Typed]) -> Iterator[MappedEvent | RowReject]:
        for group in grouped(rows, self.entity.group_by):
            yield from self.events(group)

    def events(self, rows: list[Typed]) -> Iterator[MappedEvent | RowReject]:
        line = rows[0]["line"]
        try:
            fields = self._reducer.fields(rows)
        except Exception as error:  # noqa: BLE001  # one entity must not stop the others
            yield self._reject(line, rows[0], *undecodable(error))
            return
        for writer in self._writers:
            try:
                event = writer(fields)
            except CellError as error:
                yield self._reject(line, fields, error.reason, str(error))
            except Exception as error:  # noqa: BLE001  # see above
                yield self._reject(line, fields, *undecodable(error))
            else:
                if event is not None:
                    yield event._replace(where=f"{self._file}:{line}")

    def _reject(self, line: Value, fields: Typed, reason: str, detail: str) -> RowReject:
        shown = {name: str(value) for name, value in fields.items() if value is not None}
        detail = f"line {line}: {self.entity.name}: {detail}"
        where = f"{self._file}:{line}"
        return RowReject(msgspec.json.encode(shown), reason, detail[:DETAIL_LENGTH], where)


def _passed(line: bytes) -> MappedEvent | RowReject:
    """Take a line as the CloudEvent that it says it is; the intake judges it in full."""
    try:
        head = _HEAD.decode(line)
        if head.time.tzinfo is None:
            return RowReject(line, "naive_time", "time: without an offset")
        if head.type not in BY_TOPIC:
            return RowReject(line, "unknown_type", f"type: {head.type[:80]!r}")
    except msgspec.ValidationError as error:
        return RowReject(line, "bad_envelope", str(error)[:DETAIL_LENGTH])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return RowReject(line, "not_json", str(error)[:DETAIL_LENGTH])
    micros = (head.time - EPOCH) // timedelta(microseconds=1)
    return MappedEvent(line, head.subject, head.type, micros)


_HEAD = msgspec.json.Decoder(_Head)
