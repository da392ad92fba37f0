"""Events as producers write them: small builders with sane defaults."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def event(
    noun: str,
    data: dict[str, Any],
    *,
    id: str,  # noqa: A002  (the envelope's own word)
    account: str = "ACC-1",
    at: datetime = START,
    source: str = "/tms/hph-1",
    **extensions: Any,
) -> bytes:
    """One structured CloudEvent."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": id,
            "source": source,
            "type": f"leadline.{noun}.v1",
            "subject": account,
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
            **extensions,
        }
    ).encode()


def booking(ref: str, phase: str = "confirmed", *, id: str | None = None, **options: Any) -> bytes:  # noqa: A002
    """A booking event; fields of the payload that are no envelope options are taken as data."""
    envelope = {k: options.pop(k) for k in ("account", "at", "source") if k in options}
    data = {"booking_ref": ref, "phase": phase, **options}
    return event("booking", data, id=id or f"{ref}-{phase}", **envelope)


def days(count: float) -> timedelta:
    return timedelta(days=count)
