"""Fields to CloudEvents: templates filled in, absent parts left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from services.ingest.adapters.cells import CellError, Value
from services.ingest.adapters.schema import Event
from shared.domain.event_types import EventType

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ENCODER = msgspec.json.Encoder(decimal_format="number")
Filled = Callable[[Mapping[str, Value]], Any]
"""From an entity's fields to a JSON value; None is absent."""


class MappedEvent(NamedTuple):
    """A CloudEvent in structured form, and what a producer needs to send it."""

    value: bytes
    subject: str
    topic: str
    time: int  # microseconds
    where: str = ""  # name:line of the file that it came from


def event_writer(event: Event, source: str) -> Callable[[Mapping[str, Value]], MappedEvent | None]:
    """Return the function from fields to the event, None when the map's conditions fail.

    Raises `CellError` when id, subject or time has an absent part.
    """
    topic = EventType[event.type.upper()].topic
    parts = {"id": _text(event.id), "subject": _text(event.subject)}
    time, data = _template(event.time), _template(event.data)
    recorded = _template(event.recordedtime or "")
    allowed = {name: frozenset(map(str, values)) for name, values in event.when.items()}

    def write(fields: Mapping[str, Value]) -> MappedEvent | None:
        if any(str(fields[name]) not in values for name, values in allowed.items()):
            return None
        if any(fields[name] is None for name in event.present):
            return None
        moment = time(fields)
        if not isinstance(moment, datetime):
            raise CellError("missing_field", f"time: {event.time} is absent or no date")
        envelope: dict[str, Any] = {"specversion": "1.0"}
        for part, fill in parts.items():
            envelope[part] = fill(fields)
            if not envelope[part]:
                raise CellError("missing_field", f"{part}: a part of it is absent")
        envelope |= {"source": source, "type": topic, "time": said_time(moment)}
        if isinstance(known := recorded(fields), datetime):
            envelope["recordedtime"] = said_time(known)
        envelope |= {"datacontenttype": "application/json", "data": _plain(data(fields))}
        micros = (moment - EPOCH) // (datetime.resolution)
        return MappedEvent(ENCODER.encode(envelope), envelope["subject"], topic, micros)

    return write


def said_time(moment: datetime) -> str:
    """Return RFC 3339 of a time in UTC, as cells have it."""
    return moment.isoformat().replace("+00:00", "Z")


def _template(value: Any) -> Filled:
    """Compile any YAML value."""
    if isinstance(value, str):
        whole = PLACEHOLDER.fullmatch(value)
        return _field(whole.group(1)) if whole else _text(value)
    if isinstance(value, dict):
        return _object({name: _template(item) for name, item in value.items()})
    if isinstance(value, list):
        items = [_template(item) for item in value]
        return lambda fields: [made for item in items if (made := item(fields)) is not None]
    return lambda _fields: value


def _field(name: str) -> Filled:
    return lambda fields: fields[name]


def _text(template: str) -> Filled:
    """Fill in a text; None when a field in it is absent."""
    names = PLACEHOLDER.findall(template)
    if not names:
        return lambda _fields: template

    def fill(fields: Mapping[str, Value]) -> str | None:
        values = {name: _said(fields[name]) for name in names}
        if any(value is None for value in values.values()):
            return None
        return PLACEHOLDER.sub(lambda match: str(values[match.group(1)]), template)

    return fill


def _object(members: Mapping[str, Filled]) -> Filled:
    def fill(fields: Mapping[str, Value]) -> dict[str, Any]:
        return {name: member(fields) for name, member in members.items()}

    return fill


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Drop absent members; an inner object with an absent member goes as a whole."""
    return {
        name: said_time(value) if isinstance(value, datetime) else value
        for name, value in data.items()
        if value is not None and not (isinstance(value, dict) and None in value.values())
    }


def _said(value: Value) -> str | None:
    if isinstance(value, datetime):
        return said_time(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return None if value is None else str(value)
