"""Which lanes fell for everybody, so that no customer in particular is leaving.

A lane fell as of a day when at least 60 % of the at least five accounts that used it (8 booking
days in the reference) book at half of their own rhythm there, or less. The accounts are those of
the whole book: a part of it would mute real losses and tell of none, by who is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

import numpy as np
import numpy.typing as npt

from services.signals.alerting.detectors.rhythm import MIN_BOOKINGS, Lane, LaneDays, Rhythm
from services.signals.features.facts import Facts, IntArray

MARKET_RATIO, MARKET_SHARE, MARKET_ACCOUNTS = 0.5, 0.6, 5
PAST_DAYS = 540
"""No older booking counts: the reference ends after 458 days, and of lanes that are judged the
longest window is ten cycles of 365 days by seven gaps."""

MarketOn = Callable[[int], Container[Lane]]


class MarketTally:
    """Counts, day by day, who used each lane and for whom it fell, in blocks of any size."""

    def __init__(self, days: Sequence[int]) -> None:
        self.days = days
        self._place: dict[Lane, int] = {}
        self._counts = np.zeros((2, len(days), 0), dtype=np.int32)

    def add(self, facts: Facts) -> None:
        """Take a block of accounts; only rows of the `PAST_DAYS` before a day matter for it."""
        lanes = LaneDays(facts)
        counted = [_counts(lanes, lanes.rhythm(day, *lanes.booked(day))) for day in self.days]
        counts = np.array(counted, dtype=np.int32).swapaxes(0, 1)
        used = np.flatnonzero(counts[0].any(axis=0)).tolist()
        places = [self._place.setdefault(lanes.lanes[at], len(self._place)) for at in used]
        grown = len(self._place) - self._counts.shape[2]
        self._counts = np.pad(self._counts, ((0, 0), (0, 0), (0, grown)))
        self._counts[:, :, places] += counts[:, :, used]

    def fallen(self) -> dict[int, frozenset[Lane]]:
        """Return the lanes that fell, as of each day, by all accounts that were taken."""
        lanes = list(self._place)
        return {
            day: frozenset(lanes[at] for at in np.flatnonzero(_fell(*self._counts[:, place])))
            for place, day in enumerate(self.days)
        }


def fallen_lanes(lanes: LaneDays, rhythm: Rhythm) -> frozenset[Lane]:
    """Return the lanes that fell by the accounts at hand: the whole book."""
    fell = np.flatnonzero(_fell(*_counts(lanes, rhythm)))
    return frozenset(lanes.lanes[at] for at in fell.tolist())


def _counts(lanes: LaneDays, rhythm: Rhythm) -> tuple[IntArray, IntArray]:
    """Return of how many accounts each lane is used, and for how many it fell; shape (lanes,)."""
    judged = rhythm.bookings >= MIN_BOOKINGS
    low = judged & (rhythm.met <= MARKET_RATIO)
    size = len(lanes.lanes)
    users = np.bincount(lanes.lane[judged], minlength=size)
    return users, np.bincount(lanes.lane[low], minlength=size)


def _fell(
    users: npt.NDArray[np.signedinteger], fallen: npt.NDArray[np.signedinteger]
) -> npt.NDArray[np.bool_]:
    return np.asarray((users >= MARKET_ACCOUNTS) & (fallen >= MARKET_SHARE * users))
