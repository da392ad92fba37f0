"""The rhythm of each account on each lane: what it used to book, and what it books now.

The reference is the year that ended 92 days ago, so a decline does not pollute its own baseline
for three months.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammainccinv

from services.signals.features.facts import EventRef, Facts, IntArray

REFERENCE_END, REFERENCE_DAYS = 92, 366
MIN_BOOKINGS = 8
MIN_WINDOW = 28.0
CYCLES, GAP_FACTOR = 2.0, 1.2
DROP_CYCLES = 20.0
MARKET_CYCLES = 10.0
CHANCE_GAPS = 0.01
"""Gaps as long as the window that chance may bring in the reference's time."""
DOUBT = 3.0
"""Standard errors by which the regularity seen in a few gaps may flatter."""
MOST_REGULAR = 25.0
"""Shape of the gaps' gamma distribution at most: few gaps that happen to be alike prove little."""

FloatArray = npt.NDArray[np.float64]


class Lane(NamedTuple):
    """What the accounts of a book have in common: the way, and how it is gone."""

    origin: str
    destination: str
    mode: str

    @property
    def name(self) -> str:
        """Return how sentences call it."""
        return f"{self.origin}-{self.destination}" + (f" ({self.mode})" if self.mode else "")

    @property
    def scope(self) -> dict[str, Any]:
        """Return the scope of an alert on it."""
        return {"kind": "lane", **self._asdict()}

    @property
    def scope_key(self) -> str:
        """Return what tells its alerts from those of other lanes."""
        return f"lane:{self.origin}>{self.destination}:{self.mode}"


class Rhythm(NamedTuple):
    """Each pair's (account and lane) past rhythm and recent bookings; arrays of shape (m,)."""

    bookings: IntArray  # booking days in the reference
    cycle: FloatArray  # mean gap, days
    window: FloatArray  # days
    recent: IntArray  # booking days in the window
    recent_long: IntArray  # booking days in the window of a partial drop
    long_window: FloatArray
    met: FloatArray  # share of the rhythm kept in ten own cycles, as the market is told by
    last: IntArray  # last booking day


class LaneDays:
    """Booking days per account and lane, ready for any day.

    `account` and `lane` (an index into `lanes`) are of each pair, shape (m,).
    """

    def __init__(self, facts: Facts) -> None:
        series_ids, inverse = np.unique(facts.series_id, return_inverse=True)
        of_series = [lane_of(facts, key) for key in series_ids.tolist()]
        lanes = sorted(set(of_series))
        place = {name: at for at, name in enumerate(lanes)}
        ids = np.array([place[one] for one in of_series], dtype=np.int64)
        key = facts.account * max(len(lanes), 1) + ids[inverse]
        pairs, pair = np.unique(key, return_inverse=True)
        order = np.lexsort((facts.day, pair))
        pair, day = pair[order], facts.day[order]
        fresh = np.ones(pair.size, dtype=bool)
        fresh[1:] = (pair[1:] != pair[:-1]) | (day[1:] != day[:-1])
        self._rows = order
        self._starts = np.flatnonzero(fresh)
        self._seen = np.maximum(facts.day, facts.effect_day)[order]
        self._business = facts.sums["business"][order]
        self._pair, self._day = pair[fresh], day[fresh]
        self.account = pairs // max(len(lanes), 1)
        self.lane = pairs % max(len(lanes), 1)
        self.lanes, self._facts = lanes, facts

    def booked(self, day: int) -> tuple[IntArray, IntArray]:
        """Return (pair, day) of each booking day as of `day`, in order."""
        net = np.add.reduceat(self._business * (self._seen < day), self._starts)
        present = net > 0
        return self._pair[present], self._day[present]

    def rhythm(self, day: int, pair: IntArray, days: IntArray) -> Rhythm:
        """Return every pair's rhythm as of `day`, by what was booked by then."""
        m = self.account.size
        age = day - days
        inside = (age > REFERENCE_END) & (age <= REFERENCE_END + REFERENCE_DAYS)
        ref_pair, ref_days = pair[inside], days[inside]
        count = np.bincount(ref_pair, minlength=m)
        same = ref_pair[1:] == ref_pair[:-1]
        gap = (ref_days[1:] - ref_days[:-1])[same]
        gap_pair = ref_pair[1:][same]
        total = np.bincount(gap_pair, weights=gap, minlength=m)
        longest = np.zeros(m)
        np.maximum.at(longest, gap_pair, gap)
        cycle = np.maximum(total / np.maximum(count - 1, 1), 1.0)
        window = np.maximum(np.maximum(MIN_WINDOW, CYCLES * cycle), GAP_FACTOR * longest)
        squares = np.bincount(gap_pair, weights=gap.astype(np.float64) ** 2, minlength=m)
        window = np.maximum(window, _rare_gap(count, cycle, np.asarray(squares, np.float64)))
        long_window = np.maximum(window, DROP_CYCLES * cycle)
        market_window = np.maximum(window, MARKET_CYCLES * cycle)
        last = np.full(m, -1)
        np.maximum.at(last, pair, days)
        recent = np.bincount(pair[age <= window[pair]], minlength=m)
        recent_long = np.bincount(pair[age <= long_window[pair]], minlength=m)
        in_market = np.bincount(pair[age <= market_window[pair]], minlength=m)
        met = in_market * cycle / market_window
        return Rhythm(count, cycle, window, recent, recent_long, long_window, met, last)

    def events(self, pair: int, last: int, day: int) -> tuple[EventRef, ...]:
        """Return the first of the events that booked a pair on a day, as known by `day`."""
        groups = np.flatnonzero((self._pair == pair) & (self._day == last))
        low, high = np.append(self._starts, self._rows.size)[[groups[0], groups[0] + 1]]
        booked = (self._seen[low:high] < day) & (self._business[low:high] > 0)
        return self._facts.events_of(self._rows[low:high][booked])[:1]


def lane_of(facts: Facts, series: int) -> Lane:
    """Return the lane of a series."""
    one = facts.series[series]
    return Lane(one.origin, one.destination, one.mode)


def _rare_gap(count: IntArray, cycle: FloatArray, squares: FloatArray) -> FloatArray:
    """Return the gap (days) that is rare among `count` booking days, by the gaps' own scatter.

    Gamma distributed gaps with the lane's mean and variance: shape 1 is chance alone, a higher
    one the more regular. `squares` are the sums of the squared gaps. Arrays of shape (m,).
    """
    gaps = np.maximum(count - 1, 1)
    variance = (squares - gaps * cycle**2) / np.maximum(gaps - 1, 1)
    regular = cycle**2 / np.maximum(variance, 1e-9) / (1.0 + DOUBT / np.sqrt(gaps))
    shape = np.clip(regular, 1.0, MOST_REGULAR)
    return np.asarray(cycle * gammainccinv(shape, CHANCE_GAPS / np.maximum(count, 1)) / shape)
