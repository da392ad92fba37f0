"""Keyset pages: a cursor carries the last row's sort values, and which question it belongs to."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from services.api.problems import wrong_field

DEFAULT_LIMIT, MAX_LIMIT = 50, 500
MAX_CURSOR = 2_000
OTHER_FILTER = (
    "this cursor was given under another filter: keep the filter, or begin without a cursor"
)


class Page(NamedTuple):
    """What part of a list is wanted."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


class Question(NamedTuple):
    """Which list is read in which order, and by what it is restricted."""

    order: str
    asked: tuple[object, ...] = ()

    @property
    def mark(self) -> str:
        """Return a short digest of the restrictions: under others a cursor would skip rows."""
        return blake2b(msgspec.json.encode(self.asked), digest_size=6).hexdigest()


def read_cursor(
    cursor: str | None, question: Question, kinds: tuple[type, ...]
) -> list[Any] | None:
    """Return the last row's sort values; 422 for a cursor that this question did not give."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        order, mark, *values = msgspec.json.decode(raw, type=list[Any])
    except (ValueError, binascii.Error, msgspec.MsgspecError, RecursionError):
        raise wrong_field("query.cursor", "this is no cursor of ours") from None
    if (
        order != question.order
        or len(values) != len(kinds)
        or any(type(v) is not k for v, k in zip(values, kinds, strict=True))
        or any(isinstance(v, int) and abs(v) >= 2**63 for v in values)
        or any(isinstance(v, str) and "\0" in v for v in values)
    ):
        raise wrong_field("query.cursor", "this cursor belongs to another list or order")
    if mark != question.mark:
        raise wrong_field("query.cursor", OTHER_FILTER)
    return values


def make_cursor(question: Question, *values: object) -> str:
    """Return the cursor after a row."""
    said = msgspec.json.encode([question.order, question.mark, *values])
    return base64.urlsafe_b64encode(said).decode().rstrip("=")
