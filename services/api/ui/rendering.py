"""Templates to HTML, always escaped, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.api.addresses import account_address
from services.api.ui.charts import curve_chart, last_months, volume_chart
from services.api.ui.locales import LANGUAGES, words
from shared.domain.figures import date_text, number, signed
from shared.domain.sentences import said as sentence
from shared.domain.texts import plain_id

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
        "up_to": partial(up_to, language=language),
        "said": partial(said, words=words(language)),
        "outcome": partial(said, words=words(language), kind="outcome"),
        "sentence": partial(sentence, language=language),
        "plain": lambda ident: plain_id(str(ident)),
        "account_address": account_address,
        "part": lambda text: quote(str(text), safe=""),
        "money": partial(money, language=language),
        "number": partial(number, language=language),
        "points": partial(points, language=language),
        "signed": partial(signed, language=language),
        "counted": partial(counted, words=words(language), language=language),
    }
    environment.globals |= {
        "curve_chart": curve_chart,
        "volume_chart": partial(volume_chart, language=language),
        "last_months": partial(last_months, language=language),
        "arrow": arrow,
        "pull": pull,
    }
    return environment


def static_file(name: str) -> tuple[bytes, str] | None:
    """Return a vendored file and its media type; None for any other name."""
    kinds = {
        "leadline.css": "text/css",
        "leadline.js": "text/javascript",
        "favicon.svg": "image/svg+xml",
    }
    if name not in kinds:
        return None
    return (FOLDER / "static" / name).read_bytes(), kinds[name]


def day(moment: date | None, language: str = "en") -> str:
    """Return a date as people write it."""
    return "" if moment is None else date_text(moment, language)


def minute(moment: datetime, zone: tzinfo | None = None, *, language: str = "en") -> str:
    """Return a moment as people write it, in the zone's time, else in UTC."""
    local = moment if zone is None else moment.astimezone(zone)
    return f"{day(local, language)}, {local:%H:%M} {_offset(local)}"


def up_to(moment: datetime, language: str = "en") -> str:
    """Return the end of what was looked at, in UTC: a midnight is the end of the day before it.

    So it names the last day that counts, as the facts do that are told as of then.
    """
    if moment.astimezone(UTC).time() != time():
        return minute(moment, UTC, language=language)
    return f"{day(moment - timedelta(days=1), language)}, 24:00 UTC"


def _offset(moment: datetime) -> str:
    """Return how far the clock is from UTC: `UTC+7`, `UTC-3:30`."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    if not minutes:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")


def money(amount: dict[str, str], language: str = "en") -> str:
    """Return an amount in whole units of its currency."""
    return f"{number(Decimal(amount['amount']), language=language)} {amount['currency']}"


def points(cut: float, language: str = "en") -> str:
    """Return points of risk with a decimal where they have one."""
    return number(cut, int(round(cut, 1) % 1 > 0), language=language)


def counted(count: int, name: str, words: Mapping[str, str], language: str = "en") -> str:
    """Return `1 contact` or `3 contacts`, by the words `one_` and `many_` of the name."""
    if count == 1:
        return words[f"one_{name}"]
    return words[f"many_{name}"].format(count=number(count, language=language))


def arrow(log_odds: float) -> tuple[str, str]:
    """Return a style and an arrow for what a reason does to the risk; none where it shows as 0."""
    if abs(log_odds) < 0.005:
        return "", ""
    return ("up", "▲") if log_odds > 0 else ("down", "▼")


def pull(log_odds: float) -> int:
    """Return how strongly a reason moves the risk: 1 weak, 2 medium, 3 strong.

    The bounds lie between the weights of evidence: 0.25, 0.6 and 1.2.
    """
    return 1 + (abs(log_odds) >= 0.4) + (abs(log_odds) >= 0.9)


def said(code: object, words: Mapping[str, str], kind: str = "is") -> str:
    """Return a code in words, of the kind `is` or `outcome`."""
    return words.get(f"{kind}_{code}") or str(code or "").replace("_", " ")
