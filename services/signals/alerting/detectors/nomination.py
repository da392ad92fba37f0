"""A lane on which the other side of the trade chooses the forwarder now, without any complaint.

Of what is known of the lane's choices, nine tenths of the year that ended 92 days ago (5 bookings
at least) were one side's, and of the last 5 bookings since then at least 3, and three fifths, are
the other's. A lane that was always mixed begins nothing. An alert that stands goes on while the
latest are the other's and three fifths of that year were not. Source: play P21 and evidence 9 of
the KAM craft.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.signals.alerting.detectors.rhythm import (
    REFERENCE_DAYS,
    REFERENCE_END,
    Lane,
    lane_of,
)
from services.signals.alerting.findings import Finding
from services.signals.features.facts import Facts, IntArray
from services.signals.features.lookup import by_series

LATEST, MIN_CHANGED, MIN_BEFORE = 5, 3, 5
CHANGED_SHARE, USUAL_SHARE, STANDING_SHARE = 0.6, 0.9, 0.6
EVENTS = 5
SIDES = ("freehand", "nominated")
CHOOSERS = ("the shipper's side", "the consignee's side")


class _Shift(NamedTuple):
    """What changed on a lane, in bookings whose choice is known."""

    side: int  # index into SIDES: who chooses now
    moved: int  # of the latest bookings
    latest: int
    since: int  # day of the oldest of them
    usual: int  # what the other side chose of the year before
    before: int


class NominationWatch:
    """The lanes on which both sides have chosen, ready to be asked for any day.

    A pair is an account and a lane; `_rows` are the booking rows of such pairs whose choice is
    known, by pair and day, `_pair` (like them) the number of each one's pair.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._bounds = np.searchsorted(facts.account, np.arange(len(facts.account_ids) + 1))
        self._rows, self._pair = _mixed_pairs(facts)
        self._starts = np.flatnonzero(np.diff(self._pair, prepend=-1, append=-1))
        self._day = facts.day[self._rows]
        self._seen = np.maximum(self._day, facts.effect_day[self._rows])
        self._chosen = np.stack([facts.sums[side][self._rows] for side in SIDES])

    def findings(self, day: int) -> list[Finding]:
        """Return the lanes whose choice had shifted as of 00:00 UTC of `day`."""
        if not self._rows.size:
            return []
        known, age = self._seen < day, day - self._day
        recent = known & (age <= REFERENCE_END)
        past = known & ~recent & (age <= REFERENCE_END + REFERENCE_DAYS)
        usual, since = self._counts(past), self._counts(recent)
        other = (usual[0] >= usual[1]).astype(np.int64)
        pairs = np.arange(other.size)
        judged = usual.sum(axis=0) >= MIN_BEFORE
        judged &= usual.max(axis=0) >= STANDING_SHARE * usual.sum(axis=0)
        judged &= since[other, pairs] >= MIN_CHANGED
        found = []
        for pair in np.flatnonzero(judged).tolist():
            at = np.arange(*self._starts[pair : pair + 2].tolist())
            latest = self._latest(at[recent[at]], int(other[pair]))
            if latest is not None:
                side = int(other[pair])
                said = _Shift(side, *latest, int(usual[1 - side, pair]), int(usual[:, pair].sum()))
                found.append(self._finding(at[recent[at]], said, day))
        return found

    def _counts(self, among: npt.NDArray[np.bool_]) -> IntArray:
        """Return (2, pairs): how many bookings each side chose."""
        count = self._starts.size - 1
        rows = [np.bincount(self._pair[among], one[among], count) for one in self._chosen]
        return np.stack(rows).astype(np.int64)

    def _latest(self, at: IntArray, side: int) -> tuple[int, int, int] | None:
        """Return how many a side chose of how many since when; None where that is no shift.

        Whole days, from the newest back until there are five bookings.
        """
        days, place = np.unique(self._day[at], return_inverse=True)
        booked = np.bincount(place, self._chosen[:, at].sum(axis=0))
        changed = np.bincount(place, self._chosen[side, at])
        enough = int(np.searchsorted(np.cumsum(booked[::-1]), LATEST))
        first = max(days.size - 1 - enough, 0)
        latest, moved = int(booked[first:].sum()), int(changed[first:].sum())
        if moved < MIN_CHANGED or moved < CHANGED_SHARE * latest:
            return None
        return moved, latest, int(days[first])

    def _finding(self, at: IntArray, shift: _Shift, day: int) -> Finding:
        facts, rows = self._facts, self._rows[at]
        account, lane = int(facts.account[rows[0]]), lane_of(facts, int(facts.series_id[rows[0]]))
        moved = (self._chosen[shift.side, at] > 0) & (self._day[at] >= shift.since)
        now, before = CHOOSERS[shift.side], CHOOSERS[1 - shift.side]
        return Finding(
            account=account,
            type="nomination_shift",
            reason="nomination_shift",
            scope=lane.scope,
            scope_key=lane.scope_key,
            text=f"{lane.name}: forwarder chosen by {now} for {shift.moved} of the last"
            f" {shift.latest} bookings, by {before} for {shift.usual} of {shift.before} before;"
            f" the lane has {100 * self._share(account, lane, day):.0f} % of the bookings",
            events=facts.events_of(rows[moved][-EVENTS:]),
            standing=shift.usual < USUAL_SHARE * shift.before,
        )

    def _share(self, account: int, lane: Lane, day: int) -> float:
        """Return the lane's share of the account's bookings in the last year."""
        facts = self._facts
        rows = np.arange(*self._bounds[account : account + 2].tolist())
        seen = np.maximum(facts.day[rows], facts.effect_day[rows])
        rows = rows[(seen < day) & (facts.day[rows] >= day - REFERENCE_DAYS)]
        on_lane = [lane_of(facts, key) == lane for key in facts.series_id[rows].tolist()]
        business = facts.sums["business"][rows]
        return float(business[on_lane].sum() / max(business.sum(), 1))


def _mixed_pairs(facts: Facts) -> tuple[IntArray, IntArray]:
    """Return the rows of pairs of which each side chose some, and the number of each one's pair."""
    rows = np.flatnonzero(facts.sums[SIDES[0]] | facts.sums[SIDES[1]])
    lanes = {key: lane_of(facts, key) for key in np.unique(facts.series_id[rows]).tolist()}
    number = {lane: at for at, lane in enumerate(sorted(set(lanes.values())))}
    named = by_series(facts, lambda one: bool(one.origin or one.destination))[rows] > 0
    rows = rows[named]
    table = np.zeros(max(lanes, default=0) + 1, dtype=np.int64)
    for key, lane in lanes.items():
        table[key] = number[lane]
    key = facts.account[rows] * max(len(number), 1) + table[facts.series_id[rows]]
    order = np.lexsort((facts.day[rows], key))
    rows, pair = rows[order], np.unique(key[order], return_inverse=True)[1]
    both = [np.bincount(pair, facts.sums[side][rows] != 0) > 0 for side in SIDES]
    mixed = (both[0] & both[1])[pair]
    return rows[mixed], np.unique(pair[mixed], return_inverse=True)[1]
