"""Writing one synthetic event: the envelope, and the source's own delay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import msgspec

from services.ingest.adapters import MappedEvent
from shared.domain.event_types import EventType

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_ENCODER = msgspec.json.Encoder()


def local(day: date, minute: int, offset: str) -> datetime:
    """Return a local moment: the minute of a day, at an offset such as `+07:00`."""
    hours, minutes = int(offset[:3]), int(offset[0] + offset[4:])
    zone = timezone(timedelta(hours=hours, minutes=minutes))
    return datetime.combine(day, time(), zone) + timedelta(minutes=minute)


def micros(day: date) -> int:
    """Return 00:00 UTC of a day, in microseconds since 1970."""
    return (day - EPOCH.date()) // MICROSECOND


def written(
    kind: EventType,
    *,
    source: str,
    id: str,  # noqa: A002 - CloudEvents' own word
    subject: str,
    at: datetime,
    data: Mapping[str, Any],
    late_minutes: int = 1,
) -> MappedEvent:
    """Return the CloudEvent; its source knew it `late_minutes` after it happened."""
    value = _ENCODER.encode(
        {
            "specversion": "1.0",
            "id": id,
            "source": source,
            "type": kind.topic,
            "subject": subject,
            "time": at.isoformat(),
            "recordedtime": (at + timedelta(minutes=late_minutes)).isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
    )
    return MappedEvent(value, subject, kind.topic, (at - EPOCH) // MICROSECOND)


def dollars(amount: float) -> dict[str, str]:
    """Return money as CONTRACT 3 writes it."""
    return {"amount": f"{amount:.2f}", "currency": "USD"}
