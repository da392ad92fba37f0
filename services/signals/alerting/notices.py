"""How often the same matter may be told."""

from __future__ import annotations

from services.signals.alerting.alert import Entry
from services.signals.features.facts import DAY_MICROS
from shared.domain.bands import band_rank

COOLDOWN_DAYS = 14


def may_notify(entry: Entry, band: str | None, at: int) -> bool:
    """Return whether the key may be told: once per 14 days, sooner if it got worse."""
    if entry.notice is None:
        return True
    last, rank = entry.notice
    return at >= last + COOLDOWN_DAYS * DAY_MICROS or band_rank(band) > rank
