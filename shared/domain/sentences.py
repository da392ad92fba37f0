"""Reasons in the reader's language: a phrase book from the English sentence.

Scores and alerts keep one text, in English. Its facts (dates, days, counts, rates) are read back
from it and said again in Vietnamese or Portuguese. What the book does not know stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from shared.domain.alert_phrases import ALERT_SENTENCES
from shared.domain.figures import localized
from shared.domain.phrase_words import (
    FUNCTIONS,
    LANGUAGES,
    MODES,
    MONTHS,
    NOUNS,
    RATES,
    WORDS,
)
from shared.domain.phrases import SENTENCES

_SLOT = re.compile(r"\\{(\w+)\\}")


def _slot_pattern(slot: re.Match[str]) -> str:
    """Return what a slot takes, so that no sentence hides in it; people write references."""
    takes = {"n": "[0-9.]+", "inner": ".+?", "ref": ".+?"}.get(slot[1], "(?:(?!; ).)+?")
    return f"(?P<{slot[1]}>{takes})"


_PATTERNS = [
    (re.compile(_SLOT.sub(_slot_pattern, re.escape(english))), said)
    for english, *said in (*SENTENCES, *ALERT_SENTENCES)
]
_DATE = re.compile(r"(\d{1,2}) (\w{3}) (\d{4})")
_COUNT = re.compile(r"([\d.]+|a) (.+)")
_NUMBER = re.compile(r"\d+(\.\d+)?")
_NAMED = re.compile(r"(.+?)(?: \((\w+)\))?")
_JOINED = "; "


@lru_cache(maxsize=4096)
def said(text: str, language: str) -> str:
    """Return an English reason in `vi` or `pt`; unchanged in `en` and where it is unknown."""
    if language not in LANGUAGES:
        return text
    found = _sentence(text, language)
    if found is None:
        found = _JOINED.join(_sentence(one, language) or one for one in text.split(_JOINED))
    return found[:1].upper() + found[1:] if text[:1].isupper() else found


def knows(text: str) -> bool:
    """Return whether the phrase book has the sentence, or each of those that it joins."""
    return _pattern_of(text) or all(map(_pattern_of, text.split(_JOINED)))


def _pattern_of(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern, _ in _PATTERNS)


def _sentence(text: str, language: str) -> str | None:
    """Return one sentence of the book; None where it has none such."""
    place = LANGUAGES.index(language)
    for pattern, translations in _PATTERNS:
        found = pattern.fullmatch(text)
        if found:
            slots = {
                name: _slot(name, value, language) for name, value in found.groupdict().items()
            }
            return translations[place].format(**slots)
    return None


def _slot(name: str, value: str, language: str) -> str:
    """Return a fact in the language; the slot's name says what it is."""
    kind = name.rstrip("0123456789")
    if kind in _KINDS:
        return _KINDS[kind](value, language)
    return localized(value, language) if _NUMBER.fullmatch(value) and kind != "ref" else value


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
    number = "1" if found[1] == "a" else localized(found[1], language)
    return f"{number} {NOUNS[found[2]][LANGUAGES.index(language)]}"


def _rate(value: str, language: str) -> str:
    number, _, unit = value.partition(" ")
    return f"{number} {RATES[unit][LANGUAGES.index(language)]}" if unit in RATES else value


def _word(value: str, language: str) -> str:
    return WORDS[value][LANGUAGES.index(language)] if value in WORDS else value


def _functions(value: str, language: str) -> str:
    place = LANGUAGES.index(language)
    return ", ".join(FUNCTIONS.get(one, (one, one))[place] for one in value.split(", "))


def _person(value: str, language: str) -> str:
    """Return `champion (logistics)` in the language."""
    found = _NAMED.fullmatch(value)
    if not found:
        return value
    function = f" ({_functions(found[2], language)})" if found[2] else ""
    return _word(found[1], language) + function


def _lane(value: str, language: str) -> str:
    """Return `VNHPH-DEHAM (sea)` in the language."""
    found = _NAMED.fullmatch(value)
    if not found or found[2] not in MODES:
        return value
    return f"{found[1]} ({MODES[found[2]][LANGUAGES.index(language)]})"


def _inner(value: str, language: str) -> str:
    return said(value, language)


_KINDS: dict[str, Callable[[str, str], str]] = {
    "date": _date,
    "days": _count,
    "count": _count,
    "rate": _rate,
    "word": _word,
    "functions": _functions,
    "person": _person,
    "lane": _lane,
    "inner": _inner,
}
