"""Words of the page: one module per language, and one per topic with all three side by side."""

from __future__ import annotations

from services.api.ui.locales import actors, en, finding, plays, pt, refused, situations, vi

ORDER = ("en", "vi", "pt")
_TOPICS = refused.WORDS | finding.WORDS | situations.WORDS | plays.WORDS | actors.WORDS
LANGUAGES: dict[str, dict[str, str]] = {
    language: one.WORDS | {key: said[place] for key, said in _TOPICS.items()}
    for place, (language, one) in enumerate(zip(ORDER, (en, vi, pt), strict=True))
}


def words(language: str) -> dict[str, str]:
    """Return the words of a language, English where it is none of ours."""
    return LANGUAGES.get(language, LANGUAGES["en"])


def preferred(accept: str | None) -> str:
    """Return the first language of an `Accept-Language` header that we have."""
    for part in (accept or "").split(","):
        language = part.partition(";")[0].strip().partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"
