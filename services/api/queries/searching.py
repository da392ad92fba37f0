"""Search in texts without case and accents, the same on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_

from shared.domain.folding import LETTERS, MARKS, PAIRS, folded

_FROM = "".join(LETTERS) + "".join(LETTERS).upper()
_TO = "".join(LETTERS.values()) * 2


def holds(
    texts: tuple[ColumnElement[Any], ...], wanted: str, *, postgresql: bool
) -> ColumnElement[bool]:
    """Return whether one of the texts has the wanted part."""
    part = folded(wanted)
    said = (_postgresql(text) if postgresql else func.folded(text) for text in texts)
    return or_(*(one.contains(part, autoescape=True) for one in said))


def _postgresql(text: ColumnElement[Any]) -> ColumnElement[str]:
    # Small letters beyond ASCII are known to the database's locale only.
    plain = func.normalize(text.collate("default"), literal_column("NFD"))
    plain = func.translate(func.regexp_replace(plain, MARKS, "", "g"), _FROM, _TO)
    for letter, pair in PAIRS.items():
        plain = func.replace(func.replace(plain, letter, pair), letter.upper(), pair)
    return func.lower(plain)
