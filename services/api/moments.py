"""Times in requests: RFC 3339 with an offset, as in events.

A laxer reader would take a number or a bare date for a time as well.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from pydantic import AwareDatetime, BeforeValidator

from services.api.problems import ProblemError
from shared.contracts.values import Time

EXAMPLE = "2026-12-01T08:00:00Z"
FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"


def read_moment(given: object) -> datetime:
    """Return the time in UTC; raise ValueError for anything else."""
    try:
        moment = msgspec.convert(given, Time, strict=True)
    except msgspec.ValidationError:
        raise ValueError(f"must be a time with its offset, as in {EXAMPLE}") from None
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # its offset leads out of the calendar
        raise ValueError(f"must lie between {FIRST} and {LAST}") from None


Moment = Annotated[AwareDatetime, BeforeValidator(read_moment)]


def require_order(start: datetime | None, end: datetime | None) -> None:
    """Refuse with 422 a span that ends before it begins: an empty answer would hide the slip."""
    if start is not None and end is not None and start > end:
        message = f"from ({_said(start)}) is after to ({_said(end)})"
        both = [{"path": f"query.{name}", "message": message} for name in ("from", "to")]
        raise ProblemError(422, message, errors=both)


def _said(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
