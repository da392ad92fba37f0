"""What is checked on the bytes before anything is parsed."""

from __future__ import annotations

import re

from services.ingest.decode.fact import Refused
from shared.contracts.envelope import MAX_DEPTH, MAX_HEADER_BYTES, MAX_VALUE_BYTES
from shared.contracts.packed_headers import Headers

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_NOT_BRACKETS = bytes(b for b in range(256) if b not in b"[]{}")
_CONTROL = re.compile(rb"\\(?:u00[01789]|[bfnrt])|\x7f|\xc2[\x80-\x9f]")
OBJECT, ARRAY, BACKSLASH, DEL, C1_LEAD = b"{[\\\x7f\xc2"


def check_bytes(value: bytes) -> bool:
    """Refuse what is too large, too deep or not UTF-8.

    Returns whether the text is plain: surely without control characters, raw or escaped (JSON
    itself forbids the raw ones below U+0020).
    """
    if len(value) > MAX_VALUE_BYTES:
        raise Refused("too_large", f"{len(value)} bytes, {MAX_VALUE_BYTES} are allowed")
    if not value.isascii():
        _check_utf8(value)
    # Looking for an integer in bytes costs a tenth of looking for bytes.
    openings = value.count(OBJECT) + (value.count(ARRAY) if ARRAY in value else 0)
    if openings > MAX_DEPTH:
        _check_depth(value)
    if BACKSLASH in value or DEL in value or C1_LEAD in value:
        return _CONTROL.search(value) is None
    return True


def check_headers(headers: Headers) -> None:
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
