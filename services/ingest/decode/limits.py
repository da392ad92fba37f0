"""What is checked on the bytes before anything is parsed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.ingest.decode.fact import Refused
from shared.contracts.envelope import MAX_DEPTH, MAX_HEADER_BYTES, MAX_VALUE_BYTES

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NOT_BRACKETS = bytes(b for b in range(256) if b not in b"[]{}")
OBJECT, ARRAY, BACKSLASH, DEL = b"{[\\\x7f"


def check_bytes(value: bytes) -> bool:
    """Refuse what is too large, too deep or not UTF-8.

    Returns whether the text is plain: ASCII without escapes or DEL, so that no string in it can
    hold a control character (JSON forbids the raw ones) or half a surrogate pair.
    """
    if len(value) > MAX_VALUE_BYTES:
        raise Refused("too_large", f"{len(value)} bytes, {MAX_VALUE_BYTES} are allowed")
    ascii_only = value.isascii()
    if not ascii_only:
        _check_utf8(value)
    # Looking for an integer in bytes costs a tenth of looking for bytes.
    openings = value.count(OBJECT) + (value.count(ARRAY) if ARRAY in value else 0)
    if openings > MAX_DEPTH:
        _check_depth(value)
    return ascii_only and BACKSLASH not in value and DEL not in value


def check_headers(headers: Sequence[tuple[str, bytes]]) -> None:
    """Refuse headers that are larger than any use of them."""
    size = sum(len(name) + len(value or b"") for name, value in headers)
    if size > MAX_HEADER_BYTES:
        raise Refused("headers_too_large", f"{size} bytes, {MAX_HEADER_BYTES} are allowed")


def _check_utf8(value: bytes) -> None:
    try:
        value.decode()
    except UnicodeDecodeError as error:
        raise Refused("not_utf8", f"{error.reason} at byte {error.start}") from None


def _check_depth(value: bytes) -> None:
    depth = 0
    for byte in _STRING.sub(b"", value).translate(None, _NOT_BRACKETS):
        depth += 1 if byte in (OBJECT, ARRAY) else -1
        if depth > MAX_DEPTH:
            raise Refused("too_deep", f"more than {MAX_DEPTH} levels of arrays and objects")
