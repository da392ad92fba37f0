"""The bands of a risk, in order."""

from __future__ import annotations

BANDS = ("healthy", "watch", "high", "critical")
_RANK = {band: at for at, band in enumerate(BANDS)}


def band_rank(band: str | None) -> int:
    """Return 0 (healthy) to 3 (critical); -1 where there is no band."""
    return -1 if band is None else _RANK[band]


def higher_band(one: str | None, other: str | None) -> str | None:
    """Return the more severe of two bands; none counts as least."""
    return one if band_rank(one) >= band_rank(other) else other
