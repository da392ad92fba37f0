"""English that is left on a page of another language, found by the words of the page itself."""

import re
from html import unescape
from string import Formatter

from services.api.ui.locales import LANGUAGES
from services.signals.playbooks.library import load_library
from shared.domain import phrase_words
from shared.domain.alert_phrases import ALERT_SENTENCES
from shared.domain.phrases import SENTENCES

BOOKS = (
    phrase_words.NOUNS, phrase_words.RATES, phrase_words.MODES, phrase_words.WORDS,
    phrase_words.FUNCTIONS,
)  # fmt: skip
COMMANDS = re.compile(r"leadline (score|keys)[^.,;<]*|LEADLINE_\w+=\w+|--[a-z-]+")
SPOKEN = re.compile(
    r"\b(?:title|data-one|data-many|aria-label|placeholder|label|value)=\"([^\"]*)\""
)
HIDDEN = re.compile(r"<(style|script|code)\b.*?</\1>|<!--.*?-->", re.DOTALL)
FIGURE = re.compile(r"\d{1,3}(,\d{3})+\b|\b\d+\.\d{1,2}\b|\b\d+\.\d{4,}\b")
MONTH = re.compile(rf"\b({'|'.join(phrase_words.MONTHS)}) \d{{4}}")


def english_left(html, language):
    """Return the words, figures and dates that only an English page has."""
    text = visible(html)
    foreign = tokens(_catalogue("en")) - tokens(_catalogue(language))
    return sorted((tokens([text]) & foreign) | {one[0] for one in FIGURE.finditer(text)}) + [
        one[0] for one in MONTH.finditer(text)
    ]


def visible(html):
    """Return what people read or hear of a page, without the commands it quotes."""
    html = HIDDEN.sub(" ", html)
    fields = re.sub(r"<input[^>]*type=\"(?:hidden|radio|checkbox|date)\"[^>]*>", " ", html)
    fields = re.sub(r"<option value=\"[^\"]*\"", "<option", fields)
    said = SPOKEN.findall(fields)
    return COMMANDS.sub(" ", unescape(" ".join([re.sub(r"<[^>]*>", " ", html), *said])))


def tokens(texts):
    """Return the words of texts, in small letters."""
    return {
        word.lower()
        for text in texts
        for word in re.findall(r"[^\W\d_]{2,}", COMMANDS.sub(" ", text))
    }


def _catalogue(language):
    """Return every text of the page and of its data in a language."""
    place = ("en", "vi", "pt").index(language)
    found = list(LANGUAGES[language].values())
    found += [sentence[place] for sentence in (*SENTENCES, *ALERT_SENTENCES)]
    for book in BOOKS:
        found += list(book) if language == "en" else [words[place - 1] for words in book.values()]
    for play in load_library().playbooks.values():
        found.append(getattr(play.title, language))
        found += [getattr(step.title, language) for step in play.steps]
    return ["".join(part for part, *_ in Formatter().parse(text)) for text in found]
