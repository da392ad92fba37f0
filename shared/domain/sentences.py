"""Reasons in the reader's language: a phrase book from the English sentence.

Scores keep one sentence, in English. Its facts (dates, days, counts, rates) are read back from it
and said again in Vietnamese or Portuguese. A sentence that the book does not know stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from shared.domain.phrases import (
    FUNCTIONS,
    LANGUAGES,
    MONTHS,
    NOUNS,
    RATES,
    SENTENCES,
    WORDS,
)

_SLOT = re.compile(r"\\{(\w+)\\}")


def _slot_pattern(slot: re.Match[str]) -> str:
    """Return what a slot takes: a number where it is `n`, so that no sentence hides in it."""
    return rf"(?P<{slot[1]}>{'[0-9.]+' if slot[1] == 'n' else '.+?'})"


_PATTERNS = [
    (re.compile(_SLOT.sub(_slot_pattern, re.escape(english))), said) for english, *said in SENTENCES
]
_DATE = re.compile(r"(\d{1,2}) (\w{3}) (\d{4})")
_COUNT = re.compile(r"([\d.]+) (.+)")


@lru_cache(maxsize=4096)
def said(text: str, language: str) -> str:
    """Return an English reason in `vi` or `pt`; unchanged in `en` and where it is unknown."""
    if language not in LANGUAGES:
        return text
    place = LANGUAGES.index(language)
    for pattern, translations in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            slots = {
                name: _slot(name, value, language) for name, value in found.groupdict().items()
            }
            return translations[place].format(**slots)
    return text


def knows(text: str) -> bool:
    """Return whether the phrase book has the sentence."""
    return any(pattern.fullmatch(text) for pattern, _ in _PATTERNS)


def _slot(name: str, value: str, language: str) -> str:
    """Return a fact in the language; the slot's name says what it is."""
    kind = name.rstrip("0123456789")
    return _KINDS[kind](value, language) if kind in _KINDS else value


def _date(value: str, language: str) -> str:
    del language
    found = _DATE.fullmatch(value)
    if not found:
        return value
    day, month, year = found.groups()
    return f"{int(day):02}/{MONTHS.index(month) + 1:02}/{year}"


def _count(value: str, language: str) -> str:
    found = _COUNT.fullmatch(value)
    if not found or found[2] not in NOUNS:
        return value
    return f"{found[1].replace('.', ',')} {NOUNS[found[2]][LANGUAGES.index(language)]}"


def _rate(value: str, language: str) -> str:
    number, _, unit = value.partition(" ")
    return f"{number} {RATES[unit][LANGUAGES.index(language)]}" if unit in RATES else value


def _word(value: str, language: str) -> str:
    return WORDS[value][LANGUAGES.index(language)] if value in WORDS else value


def _functions(value: str, language: str) -> str:
    place = LANGUAGES.index(language)
    return ", ".join(FUNCTIONS.get(one, (one, one))[place] for one in value.split(", "))


def _inner(value: str, language: str) -> str:
    return said(value, language)


_KINDS: dict[str, Callable[[str, str], str]] = {
    "date": _date,
    "days": _count,
    "count": _count,
    "rate": _rate,
    "word": _word,
    "functions": _functions,
    "inner": _inner,
}
