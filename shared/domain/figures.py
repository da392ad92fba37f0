"""Figures and dates as languages write them: 1,234.5 on 9 Feb 2026, 1.234,5 on 09/02/2026."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from shared.domain.phrase_words import MONTHS

EPOCH_DAY = date(1970, 1, 1).toordinal()
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


def day_number(day: date) -> int:
    """Return a date as days since 1970."""
    return day.toordinal() - EPOCH_DAY


def date_text(day: date, language: str = "en") -> str:
    """Return a date as people write it; in English as reasons are kept."""
    if language == "en":
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{day:%d/%m/%Y}"
