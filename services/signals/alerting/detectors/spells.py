"""Conditions that events begin and end: known as spells, asked as of any day.

A spell's text, events and severity only use what was known at its start; its end is the moment
of the event (or the passing of time) that ends it, so asking as of a day never looks ahead. What
is known of the end is told by those that ended only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import numpy as np

from services.signals.alerting.findings import Finding
from services.signals.features.facts import DAY_MICROS, EventRef

FOREVER = 1 << 62


class Spell(NamedTuple):
    """A condition from `start` (included) to `end` (excluded), in microseconds."""

    account: int
    type: str
    reason: str
    kind: str  # of the scope: account, ticket, contact
    ref: str
    text: str
    events: tuple[EventRef, ...]
    start: int
    end: int = FOREVER
    at_once: bool = False
    closing: str | None = None  # how it ended, where an event says so
    closed_by: tuple[EventRef, ...] = ()

    def finding(self, *, over: bool = False) -> Finding:
        """Return the finding that this spell is while it lasts, or (`over`) once it has ended."""
        told = over and self.closing is not None
        scope: dict[str, Any] = {"kind": self.kind}
        if self.kind != "account":
            scope["ref"] = self.ref
        return Finding(
            account=self.account,
            type=self.type,
            reason=self.reason,
            scope=scope,
            scope_key="account" if self.kind == "account" else f"{self.kind}:{self.ref}",
            text=f"{self.text}; {self.closing}" if told else self.text,
            events=self.events + self.closed_by if told else self.events,
            at_once=self.at_once,
            time=self.start if self.at_once else None,
            over=over,
            until=self.end if over else None,
        )


class Spells:
    """All spells of a set of accounts, ready to be asked for any day."""

    def __init__(self, spells: Iterable[Spell]) -> None:
        self._spells = sorted(
            (one for one in spells if one.end > one.start or _never_began(one)),
            key=lambda one: (one.account, one.type, one.reason, one.ref, one.start),
        )
        self._start = np.array([one.start for one in self._spells], dtype=np.int64)
        self._end = np.array([one.end for one in self._spells], dtype=np.int64)
        # What opens at once is seen by the next daily evaluation even if it ended before that.
        at_once = np.array([one.at_once for one in self._spells], dtype=bool)
        following = (self._start // DAY_MICROS + 1) * DAY_MICROS
        self._seen_until = np.where(at_once, np.maximum(self._end, following), self._end)
        self._findings = [one.finding() for one in self._spells]
        self._over = [one.finding(over=True) for one in self._spells]
        self._account = np.array([one.account for one in self._spells], dtype=np.int64)
        self._closed = np.array([one.closing is not None for one in self._spells], dtype=bool)
        back = [*map(_following, self._spells, self._spells[1:]), FOREVER]
        self._back = np.array(back[: len(self._spells)], dtype=np.int64)

    def as_of(self, day: int) -> list[Finding]:
        """Return what holds as of 00:00 UTC of `day`, from facts strictly before it."""
        now = day * DAY_MICROS
        holding = np.flatnonzero((self._start < now) & (self._seen_until >= now))
        return [self._as_of(at, now) for at in holding.tolist()]

    def over(self, now: int, accounts: Collection[int]) -> list[Finding]:
        """Return what an event ended before `now` (microseconds), unless it came back since.

        However long ago: the event may come late. So only those `accounts` are asked about.
        """
        if not accounts:
            return []
        ended = self._closed & (self._end < now) & (self._seen_until < now) & (self._back >= now)
        told = np.flatnonzero(ended & np.isin(self._account, list(accounts)))
        return [self._over[at] for at in told.tolist()]

    def at_once(self, since: int, until: int) -> list[Finding]:
        """Return what opened at once in [since, until), in order of time."""
        inside = np.flatnonzero((self._start >= since) & (self._start < until))
        found = [self._as_of(at, until) for at in inside.tolist() if self._spells[at].at_once]
        return sorted(found, key=lambda one: (one.time or 0, one.account, one.scope_key))

    def _as_of(self, at: int, now: int) -> Finding:
        return self._over[at] if self._end[at] < now else self._findings[at]


def _never_began(spell: Spell) -> bool:
    """Return whether the end came before the start: told late, it ends what had opened."""
    return spell.end == spell.start and spell.closing is not None and not spell.at_once


def _following(spell: Spell, other: Spell) -> int:
    """Return when the condition came back, if the other spell is of the same."""
    return other.start if spell[:5] == other[:5] else FOREVER
