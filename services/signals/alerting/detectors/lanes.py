"""A lane that goes silent while the account's other lanes hold.

The reference is the year that ended 92 days ago, so a decline does not pollute its own baseline
for three months. Numbers: at least 8 booking days and 10 % of the account's in the reference; the
recent window is the longest of 28 days, two own cycles, 1.2 times the longest own gap, and the gap
that the lane's own scatter brings less than once in a hundred years of such bookings; a lane whose
window would exceed 92 days is too irregular to judge. Silent = none in that window, or under 30 %
of the rhythm in a window of twenty own cycles. So chance is a poor explanation (decision 0012).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import gammainccinv

from services.signals.alerting.findings import Finding
from services.signals.features.facts import EventRef, Facts, IntArray
from services.signals.scoring.words import count_text, day_text, rate_text

REFERENCE_END, REFERENCE_DAYS = 92, 366
MIN_BOOKINGS, MIN_SHARE = 8, 0.10
MIN_WINDOW, MAX_WINDOW = 28.0, 92.0
CYCLES, GAP_FACTOR = 2.0, 1.2
DROP_RATIO, DROP_CYCLES = 0.30, 20.0
MARKET_CYCLES = 10.0
CHANCE_GAPS = 0.01
"""Gaps as long as the window that chance may bring in the reference's time."""
DOUBT = 3.0
"""Standard errors by which the regularity seen in a few gaps may flatter."""
MOST_REGULAR = 25.0
"""Shape of the gaps' gamma distribution at most: few gaps that happen to be alike prove little."""
HOLD_RATIO, HOLD_BOOKINGS = 0.70, 2
MARKET_RATIO, MARKET_SHARE, MARKET_ACCOUNTS = 0.5, 0.6, 5

FloatArray = npt.NDArray[np.float64]


class _Rhythm(NamedTuple):
    """Each pair's (account and lane) past rhythm and recent bookings; arrays of shape (m,)."""

    bookings: IntArray  # booking days in the reference
    cycle: FloatArray  # mean gap, days
    window: FloatArray  # days
    recent: IntArray  # booking days in the window
    recent_long: IntArray  # booking days in the window of a partial drop
    long_window: FloatArray
    met: FloatArray  # share of the rhythm kept in ten own cycles, as the market is told by
    last: IntArray  # last booking day


class LaneWatch:
    """Booking days per account, origin, destination and mode, ready for any day."""

    def __init__(self, facts: Facts) -> None:
        series_ids, inverse = np.unique(facts.series_id, return_inverse=True)
        lanes = [facts.series[int(key)] for key in series_ids]
        names = sorted({(one.origin, one.destination, one.mode) for one in lanes})
        place = {name: at for at, name in enumerate(names)}
        lane_ids = [place[one.origin, one.destination, one.mode] for one in lanes]
        lane = np.array(lane_ids, dtype=np.int64)[inverse] if lanes else facts.series_id
        key = facts.account * max(len(names), 1) + lane
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
        self._pair_account = pairs // max(len(names), 1)
        self._pair_lane = pairs % max(len(names), 1)
        self._names, self._facts = names, facts
        # One lane alone says nothing that the account does not say: only others can hold.
        lanes_of = np.bincount(self._pair_account, minlength=len(facts.account_ids))
        self._judged = lanes_of[self._pair_account] > 1

    def findings(self, day: int) -> list[Finding]:
        """Return the silent lanes as of `day`; muted where the lane fell for everybody."""
        if not self._judged.any():
            return []
        present = self._present(day)
        pair, days = self._pair[present], self._day[present]
        rhythm = self._rhythm(day, pair, days)
        silent = np.flatnonzero(self._silent(rhythm, pair, day - days))
        if not silent.size:
            return []
        fallen = self._fallen_lanes(rhythm)
        return [self._finding(at, rhythm, fallen, day) for at in silent.tolist()]

    def _present(self, day: int) -> npt.NDArray[np.bool_]:
        net = np.add.reduceat(self._business * (self._seen < day), self._starts)
        return np.asarray(net > 0)

    def _rhythm(self, day: int, pair: IntArray, days: IntArray) -> _Rhythm:
        m = self._pair_account.size
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
        return _Rhythm(count, cycle, window, recent, recent_long, long_window, met, last)

    def _silent(self, rhythm: _Rhythm, pair: IntArray, age: IntArray) -> npt.NDArray[np.bool_]:
        account, n = self._pair_account, len(self._facts.account_ids)
        usual = np.bincount(account, weights=rhythm.bookings, minlength=n)
        judged = self._judged & (rhythm.bookings >= MIN_BOOKINGS) & (rhythm.window <= MAX_WINDOW)
        judged &= rhythm.bookings >= MIN_SHARE * usual[account]
        dry = rhythm.recent == 0
        expected = rhythm.long_window / rhythm.cycle
        thin = (rhythm.recent_long <= DROP_RATIO * expected) & (rhythm.long_window <= MAX_WINDOW)
        found = judged & (dry | thin)
        for at in np.flatnonzero(found).tolist():
            others = (account[pair] == account[at]) & (pair != at)
            found[at] = _hold(age[others], float(rhythm.window[at]))
        return np.asarray(found)

    def _fallen_lanes(self, rhythm: _Rhythm) -> set[int]:
        """Return the lanes that fell to half for at least 60 % of at least 5 accounts."""
        judged = rhythm.bookings >= MIN_BOOKINGS
        low = judged & (rhythm.met <= MARKET_RATIO)
        size = max(len(self._names), 1)
        users = np.bincount(self._pair_lane[judged], minlength=size)
        fallen = np.bincount(self._pair_lane[low], minlength=size)
        market = (users >= MARKET_ACCOUNTS) & (fallen >= MARKET_SHARE * users)
        return set(np.flatnonzero(market).tolist())

    def _finding(self, at: int, rhythm: _Rhythm, fallen: set[int], day: int) -> Finding:
        lane = int(self._pair_lane[at])
        origin, destination, mode = self._names[lane]
        usual = rate_text(1.0 / float(rhythm.cycle[at]))
        name = f"{origin}-{destination}" + (f" ({mode})" if mode else "")
        if rhythm.recent[at] == 0:
            last = day_text(int(rhythm.last[at]))
            text = f"{name}: 0 bookings since {last}, normally {usual}; other lanes steady"
        else:
            days = int(rhythm.long_window[at])
            booked = count_text(float(rhythm.recent_long[at]), "booking")
            text = f"{name}: {booked} in {days} days, normally {usual}; other lanes steady"
        scope: dict[str, Any] = {
            "kind": "lane",
            "origin": origin,
            "destination": destination,
            "mode": mode,
        }
        return Finding(
            account=int(self._pair_account[at]),
            type="silent_lane_loss",
            reason="silent_lane_loss",
            scope=scope,
            scope_key=f"lane:{origin}>{destination}:{mode}",
            text=text,
            events=self._last_event(at, int(rhythm.last[at]), day),
            muted="market" if lane in fallen else None,
        )

    def _last_event(self, pair: int, last: int, day: int) -> tuple[EventRef, ...]:
        groups = np.flatnonzero((self._pair == pair) & (self._day == last))
        low, high = np.append(self._starts, self._rows.size)[[groups[0], groups[0] + 1]]
        booked = (self._seen[low:high] < day) & (self._business[low:high] > 0)
        return self._facts.events_of(self._rows[low:high][booked])[:1]


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


def _hold(age: IntArray, window: float) -> bool:
    """Return whether lanes booked at these ages (days) keep at least 70 % of their rhythm."""
    usual = (age > REFERENCE_END) & (age <= REFERENCE_END + REFERENCE_DAYS)
    recent = int((age <= window).sum())
    if recent < HOLD_BOOKINGS or not usual.any():
        return False
    span = float(age[usual].max()) - REFERENCE_END
    return bool(recent / window >= HOLD_RATIO * float(usual.sum()) / max(span, 1.0))
