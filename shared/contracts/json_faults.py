"""Why a text is no JSON, in words that lead to the fault."""

from __future__ import annotations

import re

_ESCAPE = re.compile(rb"\\(?:u(?P<code>[0-9a-fA-F]{4})|.)", re.DOTALL)
_LOW, _LOW_END, _HIGH = 0xDC00, 0xE000, 0xD800


def json_fault(error: Exception, text: bytes) -> str:
    """Return what is wrong; of half a surrogate pair the decoder says something else."""
    place = _lone_surrogate(text)
    if place is None:
        return str(error)
    code = text[place : place + 6].decode("ascii")
    return f"{code} is half of a surrogate pair, no character by itself (byte {place})"


def _lone_surrogate(text: bytes) -> int | None:
    """Return where the first escaped surrogate without its other half stands."""
    waiting: re.Match[bytes] | None = None  # a first half
    for found in _ESCAPE.finditer(text):
        code = int(found["code"] or b"0", 16)
        is_second = _LOW <= code < _LOW_END
        if waiting is not None:
            if not is_second or found.start() != waiting.end():
                return waiting.start()
            waiting = None
        elif is_second:
            return found.start()
        elif _HIGH <= code < _LOW:
            waiting = found
    return None if waiting is None else waiting.start()
