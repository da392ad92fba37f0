"""Headers of a record as a dead letter stores them: names, and values as base64 or null."""

from __future__ import annotations

import base64
from collections.abc import Sequence

Headers = Sequence[tuple[str, bytes | None]]
"""In Kafka a header's value may be null, which is not the same as empty."""

Packed = Sequence[Sequence[str | None]]


def packed(headers: Headers) -> list[list[str | None]]:
    """Return the headers as JSON holds them."""
    return [
        [name, None if value is None else base64.b64encode(value).decode()]
        for name, value in headers
    ]


def unpacked(stored: Packed) -> list[tuple[str, bytes | None]]:
    """Return the headers as they came."""
    return [
        (str(name), None if value is None else base64.b64decode(value)) for name, value in stored
    ]
