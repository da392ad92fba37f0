"""Times in requests: RFC 3339 with an offset, as in events.

A laxer reader would take a number or a bare date for a time as well.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from pydantic import AwareDatetime, BeforeValidator

from shared.contracts.values import Time

EXAMPLE = "2026-12-01T08:00:00Z"


def read_moment(given: object) -> datetime:
    """Return the time in UTC; raise ValueError for anything else."""
    try:
        return msgspec.convert(given, Time, strict=True).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError):
        raise ValueError(f"must be a time with its offset, as in {EXAMPLE}") from None


Moment = Annotated[AwareDatetime, BeforeValidator(read_moment)]
