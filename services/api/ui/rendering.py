"""Templates to HTML, always escaped, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.api.ui.charts import curve_chart, last_months, volume_chart
from services.api.ui.locales import LANGUAGES, words
from shared.domain.sentences import said as sentence

FOLDER = Path(__file__).parent


class Renderer:
    """Renders the templates of this package."""

    def __init__(self) -> None:
        self._environments = {language: _environment(language) for language in LANGUAGES}

    def render(self, template: str, *, language: str = "en", **values: Any) -> bytes:
        """Return the page."""
        page = self._environments[language].get_template(template)
        return page.render(w=words(language), language=language, **values).encode()


def _environment(language: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": partial(day, language=language),
        "minute": partial(minute, language=language),
        "said": partial(said, words=words(language)),
        "outcome": partial(said, words=words(language), kind="outcome"),
        "sentence": partial(sentence, language=language),
        "part": lambda text: quote(str(text), safe=""),
        "money": money,
    }
    environment.globals |= {
        "curve_chart": curve_chart,
        "volume_chart": volume_chart,
        "last_months": last_months,
    }
    return environment


def static_file(name: str) -> tuple[bytes, str] | None:
    """Return a vendored file and its media type; None for any other name."""
    kinds = {"leadline.css": "text/css", "favicon.svg": "image/svg+xml"}
    if name not in kinds:
        return None
    return (FOLDER / "static" / name).read_bytes(), kinds[name]


def day(moment: datetime | None, language: str = "en") -> str:
    """Return a date as people write it."""
    if moment is None:
        return ""
    return f"{moment.day} {moment:%b %Y}" if language == "en" else f"{moment:%d/%m/%Y}"


def minute(moment: datetime, language: str = "en") -> str:
    """Return a moment as people write it."""
    return f"{day(moment, language)}, {moment:%H:%M} UTC"


def money(amount: dict[str, str]) -> str:
    """Return an amount in whole units of its currency."""
    return f"{Decimal(amount['amount']):,.0f} {amount['currency']}"


def said(code: object, words: Mapping[str, str], kind: str = "is") -> str:
    """Return a code in words, of the kind `is` or `outcome`."""
    return words.get(f"{kind}_{code}") or str(code or "").replace("_", " ")
