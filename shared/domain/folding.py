"""Texts as they are searched: without case and accents, so that `son tra` finds `Sơn Trà`."""

from __future__ import annotations

import re
from unicodedata import normalize

MARKS = r"[\u0300-\u036f]"
LETTERS = {"đ": "d", "ð": "d", "ø": "o", "ł": "l", "\u0131": "i", "ħ": "h"}
"""Small letters that no mark can be taken from."""
PAIRS = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
_MARKS = re.compile(MARKS)
_OTHERS = str.maketrans(LETTERS | PAIRS)


def folded(text: str) -> str:
    """Return the text as it is searched."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", normalize("NFD", text)).lower().translate(_OTHERS)
