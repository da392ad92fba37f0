"""Texts as people see them: what was sent is kept as it is, and may show nothing."""

from __future__ import annotations

import re

_SPACE = "␣"
SEEN = (
    r"[^\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
"""Finds a character that is neither space nor drawn as nothing; also as published to others."""


def name_of(text: str | None) -> str | None:
    """Return a name; None for one in which there is nothing to see."""
    return text if text is not None and any(map(_is_seen, text)) else None


def is_blank(ident: str) -> bool:
    """Tell whether there is nothing to see in an id: only space, or characters without width."""
    return re.search(SEEN, ident) is None


def plain_id(ident: str) -> str:
    """Return an id with everything in sight: ` A` and `A` are two, and should look it.

    Space at its ends is shown as `␣`, and what has no shape of its own by its number.
    """
    inner = ident.strip(" ")
    before = len(ident) - len(ident.lstrip(" "))
    shown = "".join(one if one == " " or _is_seen(one) else f"<U+{ord(one):04X}>" for one in inner)
    return _SPACE * before + shown + _SPACE * (len(ident) - len(inner) - before)


def _is_seen(one: str) -> bool:
    return one.isprintable() and not one.isspace()
