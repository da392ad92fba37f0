"""Templates to HTML, always escaped."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.api.ui.charts import curve_chart, last_months, volume_chart
from services.api.ui.locales import words

FOLDER = Path(__file__).parent


class Renderer:
    """Renders the templates of this package."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "day": day,
            "minute": minute,
            "said": said,
            "part": lambda text: quote(str(text), safe=""),
            "money": money,
        }
        self._environment.globals |= {
            "curve_chart": curve_chart,
            "volume_chart": volume_chart,
            "last_months": last_months,
        }

    def render(self, template: str, *, language: str = "en", **values: Any) -> bytes:
        """Return the page."""
        page = self._environment.get_template(template)
        return page.render(w=words(language), language=language, **values).encode()


def static_file(name: str) -> tuple[bytes, str] | None:
    """Return a vendored file and its media type; None for any other name."""
    kinds = {"leadline.css": "text/css", "favicon.svg": "image/svg+xml"}
    if name not in kinds:
        return None
    return (FOLDER / "static" / name).read_bytes(), kinds[name]


def day(moment: datetime | None) -> str:
    """Return a date as people write it."""
    return "" if moment is None else f"{moment.day} {moment:%b %Y}"


def minute(moment: datetime) -> str:
    """Return a moment as people write it."""
    return f"{day(moment)}, {moment:%H:%M} UTC"


def money(amount: dict[str, str]) -> str:
    """Return an amount in whole units of its currency."""
    return f"{Decimal(amount['amount']):,.0f} {amount['currency']}"


def said(code: object) -> str:
    """Return a code as words."""
    return str(code or "").replace("_", " ")
