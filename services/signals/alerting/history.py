"""History that comes late: what an account's earlier days have come to by it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

import numpy as np
from msgspec.structs import replace

from services.signals.alerting.alert import AlertChange, Entry, History, Track
from services.signals.alerting.findings import dedupe_key
from services.signals.features.facts import DAY_MICROS, Facts

SETTLE_MICROS = 10_000_000
"""History comes in many commits: a part of it reads as a customer who stopped."""
BOOKING_DAYS, EVIDENCE_DAYS = 7, 2
"""How old a fact that comes now must be to count as history; what is younger is only late."""


class HistoryWatch:
    """Counts the old facts of a set of accounts, to notice that some came."""

    def __init__(self, facts: Facts) -> None:
        demand = facts.sums["demand"] != 0
        account = facts.account[demand]
        self._effect_day = facts.effect_day[demand]
        self._bounds = np.searchsorted(account, np.arange(len(facts.account_ids) + 1))
        self._times: dict[int, list[int]] = defaultdict(list)
        for fact in facts.evidence:
            if fact.kind != "account":
                self._times[fact.account].append(fact.time)

    def came(self, index: int, track: Track, now: int) -> Track:
        """Return the track that knows of history that came since it was looked at last."""
        today = now // DAY_MICROS
        if track.history is None and track.bands:  # it was last looked at by who did not count
            return self.looked_at(index, track, today)
        known = track.history or History(today, -1)  # its first look waits for its history, too
        count = self._count(index, known.day)
        if count == known.facts:
            return track
        look_at = now + SETTLE_MICROS if count > known.facts else known.look_at
        return replace(track, history=replace(known, facts=count, look_at=look_at))

    def moved(self, index: int, track: Track) -> Track:
        """Return the track that takes the facts as they are: a merge brought or took some."""
        known = track.history
        if known is None:
            return track
        count = self._count(index, known.day)
        return replace(track, history=replace(known, facts=count))

    def looked_at(self, index: int, track: Track, day: int) -> Track:
        """Return the track after a look at all days until `day`."""
        return replace(track, history=History(day, self._count(index, day)))

    def _count(self, index: int, day: int) -> int:
        """Return how many facts are old as of a day."""
        first, last = self._bounds[index : index + 2]
        bookings = np.count_nonzero(self._effect_day[first:last] < day - BOOKING_DAYS)
        return int(bookings) + bisect_left(
            self._times.get(index, ()), (day - EVIDENCE_DAYS) * DAY_MICROS
        )


def with_past(
    track: Track, past: Track, *, ended: bool
) -> tuple[Track, set[str], list[AlertChange]]:
    """Return the track with the alerts that its past would have left open, their keys, changes.

    `past` is the fold of the last weeks by all that is known now. Of what was told, it takes
    nothing back; what is over by now nobody needs to hear of, unless `ended` says so.
    """
    taken = {
        key: entry
        for key, entry in past.entries.items()
        if (ended or entry.is_live) and _is_new(track.entries.get(key), entry)
    }
    dropped = [
        AlertChange("dropped", track.entries[key].alert) for key in taken if key in track.entries
    ]
    entries = {**track.entries, **taken}
    track = replace(track, entries=entries, risks=past.risks, bands=past.bands)
    if ended:
        track = replace(track, coverage=past.coverage)
    return track, set(taken), dropped


def key_of(change: AlertChange) -> str:
    """Return the dedupe key of the alert that changed."""
    alert = change.alert
    return dedupe_key(alert.type, alert.reason_code, alert.scope_key)


def _is_new(old: Entry | None, entry: Entry) -> bool:
    return old is None or (old.phase == "pending" and entry.phase != "pending")
