"""Time zones by name, as accounts have them."""

from __future__ import annotations

from datetime import UTC, tzinfo
from functools import cache
from zoneinfo import ZoneInfo


def zone_of(name: str | None) -> tzinfo:
    """Return the time zone; UTC where there is no name, or one that nobody knows."""
    return (known_zone(name) if name else None) or UTC


def odd_name(name: str | None) -> str | None:
    """Return the name of a time zone where nobody knows it, else None."""
    return name if name and known_zone(name) is None else None


@cache
def known_zone(name: str) -> tzinfo | None:
    """Return the time zone of a name; None where nobody knows it."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # unknown, or no name of a zone at all
        return None
