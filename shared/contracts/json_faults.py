"""Why a text is no JSON, in words that lead to the fault."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPE = re.compile(rb"\\(?:u(?P<code>[0-9a-fA-F]{4})|.)", re.DOTALL)
_NO_CHARACTER = rb"\ufffd"
_LOW, _LOW_END, _HIGH = 0xDC00, 0xE000, 0xD800


def json_fault(error: Exception, text: bytes) -> str:
    """Return what is wrong; of half a surrogate pair the decoder says something else."""
    place = next(_lone_surrogates(text), None)
    if place is None:
        return str(error)
    code = text[place : place + 6].decode("ascii")
    return f"{code} is half of a surrogate pair, no character by itself (byte {place})"


def with_whole_characters(text: bytes) -> bytes:
    """Return the text with U+FFFD for each half of a surrogate pair; every place stays as it is.

    Half a pair is JSON in form, but the decoder refuses the whole text for it.
    """
    whole = bytearray(text)
    for place in _lone_surrogates(text):
        whole[place : place + len(_NO_CHARACTER)] = _NO_CHARACTER
    return bytes(whole)


def _lone_surrogates(text: bytes) -> Iterator[int]:
    """Yield where escaped surrogates without their other half stand."""
    waiting: re.Match[bytes] | None = None  # a first half
    for found in _ESCAPE.finditer(text):
        code = int(found["code"] or b"0", 16)
        is_second = _LOW <= code < _LOW_END
        if waiting is not None:
            first, waiting = waiting, None
            if is_second and found.start() == first.end():
                continue
            yield first.start()
        if is_second:
            yield found.start()
        elif _HIGH <= code < _LOW:
            waiting = found
    if waiting is not None:
        yield waiting.start()
