"""Words of the page, one module per language; English is complete, others fall back to it."""

from __future__ import annotations

from services.api.ui.locales import en, pt, vi

LANGUAGES = {"en": en.WORDS, "vi": vi.WORDS, "pt": pt.WORDS}


def words(language: str) -> dict[str, str]:
    """Return the words of a language, English where it has none."""
    return en.WORDS | LANGUAGES.get(language, {})


def preferred(accept: str | None) -> str:
    """Return the first language of an `Accept-Language` header that we have."""
    for part in (accept or "").split(","):
        language = part.partition(";")[0].strip().partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"
