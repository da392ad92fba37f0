"""Time zones by name, as accounts have them."""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo


@cache
def zone_of(name: str | None) -> tzinfo:
    """Return the time zone; UTC where there is no name, or one that nobody knows."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, OSError, KeyError):  # unknown, or no name of a zone at all
        return UTC
