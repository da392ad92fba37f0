"""How bad it is today, with memory: velocity and flap detection over the last evaluations."""

from __future__ import annotations

from itertools import pairwise

from msgspec.structs import replace

from services.signals.alerting.alert import ScoreView, Track
from services.signals.alerting.findings import Finding
from shared.domain.bands import BANDS, higher_band

VELOCITY_DAYS = 7
VELOCITY = ((25.0, "critical"), (15.0, "high"))
"""Points gained within the days of velocity, and the band that such a rise is treated as."""
FLAP_WINDOW, FLAP_CHANGES = 21, 4
EXIT_POINTS = 5.0
"""A churn-risk alert goes only this far below the cut at which it opens."""
_CODES = {None: "-", "healthy": "g", "watch": "w", "high": "h", "critical": "x"}
_BANDS = {code: band for band, code in _CODES.items()}


def remember(track: Track, score: ScoreView) -> Track:
    """Return the track with the day's risk and band added and what is too old forgotten."""
    risk = None if score.risk_score is None else round(score.risk_score, 3)
    risks = (*track.risks, risk)[-(VELOCITY_DAYS + 1) :]
    bands = (track.bands + _CODES[score.band])[-FLAP_WINDOW:]
    return replace(track, risks=risks, bands=bands)


def effective_band(track: Track, score: ScoreView) -> str | None:
    """Return the day's band, lifted by a fast rise and held while the band flaps.

    A rise lifts an account that is at least on watch. `track` already remembers the day.
    """
    return higher_band(higher_band(score.band, rising_band(track, score)), flapping_band(track))


def rising_band(track: Track, score: ScoreView) -> str | None:
    """Return the band that the rise of the last 7 days is treated as, if any."""
    if score.risk_score is None or score.band in {None, BANDS[0]} or score.lost:
        return None
    before = track.risks[0] if track.risks else None
    if before is None or len(track.risks) <= VELOCITY_DAYS:
        return None
    rise = score.risk_score - before
    return next((band for points, band in VELOCITY if rise >= points), None)


def flapping_band(track: Track) -> str | None:
    """Return the highest band of the window if the band changed too often in it."""
    bands = track.bands.replace(_CODES[None], "")  # a day without a score is no change
    if bands.count(bands[-1:]) == len(bands):
        return None
    changes = sum(one != other for one, other in pairwise(bands))
    if changes <= FLAP_CHANGES:
        return None
    highest: str | None = None
    for code in set(bands):
        highest = higher_band(highest, _BANDS[code])
    return highest


def is_urgent(finding: Finding, score: ScoreView) -> bool:
    """Return whether the alert waits neither for a second evaluation nor for the week's budget."""
    return finding.at_once or (finding.type == "churn_risk" and score.floor is not None)


def is_above_exit(score: ScoreView) -> bool | None:
    """Return whether a churn-risk alert must stay; None when today's score cannot tell."""
    if score.lost or score.floor is not None:
        return True
    if score.risk_score is None or score.cuts is None:
        return None
    return score.risk_score >= score.cuts.high - EXIT_POINTS
