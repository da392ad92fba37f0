"""Bands: the cuts of the account's list, then the floor; no memory."""

from __future__ import annotations

from services.signals.scoring.scores import Cuts

BANDS = ("healthy", "watch", "high", "critical")
FALLBACK = Cuts(30.0, 50.0, 70.0)


def band_of(risk: float, cuts: Cuts, *, floored: bool) -> str:
    """Return the band of a risk (0..1); a floor lifts it to at least high."""
    points = 100.0 * risk
    reached = sum(points >= cut for cut in cuts)
    return BANDS[max(reached, 2 if floored else 0)]


def list_cuts(cuts: dict[str, tuple[float, float, float]]) -> dict[str, Cuts]:
    """Return the cuts per list; the fallback where a model has none."""
    return {
        name: Cuts(*cuts[name]) if name in cuts else FALLBACK
        for name in ("going_silent", "active_at_risk")
    }
