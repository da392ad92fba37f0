"""Where in a file an event or a row stood: a header that goes with it into a dead letter."""

from __future__ import annotations

import base64
import binascii

from shared.contracts.packed_headers import Packed

FILE_HEADER = "leadline-file"
"""`name:line` of what came from a file, as UTF-8."""


def file_headers(where: str) -> tuple[tuple[str, bytes], ...]:
    """Return the headers of what stood there; none where it came from no file."""
    return ((FILE_HEADER, where.encode()),) if where else ()


def file_of(headers: Packed) -> str | None:
    """Return `name:line` from a dead letter's stored headers, or None."""
    for name, value in headers:
        if name == FILE_HEADER:
            try:
                return base64.b64decode(value or "").decode("utf-8", "replace") or None
            except binascii.Error:
                return None
    return None
