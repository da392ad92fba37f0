"""Figures as languages write them: 1,234.5 in English, 1.234,5 in Vietnamese and Portuguese."""

from __future__ import annotations

from decimal import Decimal

_SWAPPED = str.maketrans(",.", ".,")
_COMMA_LANGUAGES = frozenset({"vi", "pt"})


def localized(figure: str, language: str) -> str:
    """Return an English figure, `1,234.5` or `1234.5`, with the separators of the language."""
    return figure.translate(_SWAPPED) if language in _COMMA_LANGUAGES else figure


def number(value: float | Decimal, digits: int = 0, *, language: str) -> str:
    """Return a number with separated thousands and so many digits after the point."""
    return localized(f"{value:,.{digits}f}", language)


def signed(value: float, digits: int = 2, *, language: str) -> str:
    """Return a number with its sign."""
    return localized(f"{value:+,.{digits}f}", language)
