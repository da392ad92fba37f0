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


def read_moment(given: object) -> datetime:
    """Return the time in UTC; raise ValueError for anything else."""
    try:
        return msgspec.convert(given, Time, strict=True).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise ValueError(f"must be a time with its offset, as in {EXAMPLE}") from None


Moment = Annotated[AwareDatetime, BeforeValidator(read_moment)]


def require_order(start: datetime | None, end: datetime | None) -> None:
    """Refuse with 422 a span that ends before it begins: an empty answer would hide the slip."""
    if start is not None and end is not None and start > end:
        message = f"from ({start:%Y-%m-%dT%H:%M:%SZ}) is after to ({end:%Y-%m-%dT%H:%M:%SZ})"
        both = [{"path": f"query.{name}", "message": message} for name in ("from", "to")]
        raise ProblemError(422, message, errors=both)
