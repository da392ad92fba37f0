"""Keyset pages: a cursor carries the last row's sort values, and which list it belongs to."""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple

import msgspec

from services.api.problems import wrong_field

DEFAULT_LIMIT, MAX_LIMIT = 50, 500
MAX_CURSOR = 2_000


class Page(NamedTuple):
    """What part of a list is wanted."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


def read_cursor(cursor: str | None, order: str, kinds: tuple[type, ...]) -> list[Any] | None:
    """Return the last row's sort values; 422 for a cursor that this list did not give."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        given, *values = msgspec.json.decode(raw, type=list[Any])
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        raise wrong_field("query.cursor", "this is no cursor of ours") from None
    if (
        given != order
        or len(values) != len(kinds)
        or any(type(v) is not k for v, k in zip(values, kinds, strict=True))
        or any(isinstance(v, int) and abs(v) >= 2**63 for v in values)
        or any(isinstance(v, str) and "\0" in v for v in values)
    ):
        raise wrong_field("query.cursor", "this cursor belongs to another list or order")
    return values


def make_cursor(order: str, *values: object) -> str:
    """Return the cursor after a row."""
    return base64.urlsafe_b64encode(msgspec.json.encode([order, *values])).decode().rstrip("=")
