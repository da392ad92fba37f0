"""Realised warnings: which alert was open when a loss became obvious, and since when; pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from services.signals.features.facts import IntArray
from services.signals.features.history import DemandDays
from services.signals.features.windows import WINDOW_DAYS
from services.signals.scoring.block import lost_accounts
from shared.domain.warnings import Loss

SAVED = ("recovered_by_action", "saved_after_competitive_attack")
"""What came back by itself may never have been leaving: nobody saved it."""
OBVIOUS_DAYS, OBVIOUS_GAPS = 31, 3.0
CONTINUED_DAYS = 3
"""A next alert that opens within these days of the last one's end continues it."""
WEEK, MAX_WEEKS = 7, 104
"""How far back the run of a baseline's alerts is followed."""

_NOBODY: Mapping[str, frozenset[int]] = {"random": frozenset(), "recency": frozenset()}


class Span(NamedTuple):
    """An alert from opening to end; days since 1970, no end while it is open."""

    alert_id: str
    opened: int
    ended: int | None
    outcome: str | None

    def covers(self, day: int) -> bool:
        """Return whether it was open on a day."""
        return self.opened <= day and (self.ended is None or self.ended > day)


class Episode(NamedTuple):
    """A loss or a rescue, as it is recorded."""

    account: int
    name: str
    outcome: str
    alert_id: str | None
    loss: Loss


Spans = Mapping[int, Sequence[Span]]  # by account index, in order of opening


def joined(spans: Sequence[Span]) -> list[Span]:
    """Return the spans with those that continue each other made one, under the last one's id."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: one.opened):
        last = found[-1] if found else None
        if last is not None and (last.ended is None or span.opened - last.ended <= CONTINUED_DAYS):
            found[-1] = span._replace(opened=last.opened)
        else:
            found.append(span)
    return found


def losses(
    demand: DemandDays,
    day: int,
    ids: Sequence[str],
    spans: Spans,
    known: Container[tuple[int, str]] = (),
) -> list[Episode]:
    """Return the accounts that are lost as of `day`, each with its warnings.

    `known` are the (account, episode name) that need not be told again.
    """
    past = demand.as_of(day)
    obvious = past.last + np.ceil(np.maximum(OBVIOUS_DAYS, OBVIOUS_GAPS * past.mean_gap))
    baselines = Baselines(demand, ids, spans)
    found = []
    for index in np.flatnonzero(lost_accounts(past) & (obvious <= day)).tolist():
        last, seen = int(past.last[index]), int(obvious[index])
        if (index, f"lost/{last}") in known:
            continue
        open_then = [span for span in joined(spans.get(index, ())) if span.covers(seen)]
        warned = open_then[-1] if open_then else None
        loss = Loss(
            last,
            seen,
            None if warned is None else warned.opened,
            baselines.since(index, seen, "random"),
            baselines.since(index, seen, "recency"),
        )
        alert = None if warned is None else warned.alert_id
        found.append(Episode(index, f"lost/{last}", "lost", alert, loss))
    return found


def rescues(demand: DemandDays, day: int, spans: Spans) -> list[Episode]:
    """Return the alerts that ended well, once the account has booked again after them."""
    past = demand.as_of(day)
    found = []
    for index, items in sorted(spans.items()):
        for span in items:
            if span.ended is None or span.outcome not in SAVED:
                continue
            days = past.days_of(index)
            after = days[(days >= span.ended) & (days < span.ended + WINDOW_DAYS[3])]
            if after.size:
                loss = Loss(int(after[0]), span.ended, span.opened, None, None)
                found.append(Episode(index, f"saved/{span.alert_id}", "saved", span.alert_id, loss))
    return found


class Baselines:
    """Alerts that chance, or a look at the last booking alone, would have raised.

    Each Monday as many as the product had open then; the run of weeks that reaches the obvious
    silence is what would have been an alert.
    """

    def __init__(self, demand: DemandDays, ids: Sequence[str], spans: Spans) -> None:
        self._demand, self._ids, self._spans = demand, ids, spans
        self._weeks: dict[int, Mapping[str, frozenset[int]]] = {}

    def since(self, index: int, day: int, method: str) -> int | None:
        """Return the first day of the run of alerts that was open on `day`; None for none."""
        monday = day - (day + 3) % WEEK  # 1970-01-01 was a Thursday
        began = None
        for at in range(monday, monday - MAX_WEEKS * WEEK, -WEEK):
            if index not in self._alerts(at)[method]:
                break
            began = at
        return began

    def _alerts(self, day: int) -> Mapping[str, frozenset[int]]:
        if day not in self._weeks:
            budget = sum(any(span.covers(day) for span in items) for items in self._spans.values())
            if not budget:
                return _NOBODY
            past = self._demand.as_of(day)
            who = np.flatnonzero((past.n_days >= 3) & (past.recency <= WINDOW_DAYS[6]))
            drawn = self._drawn(day, who)
            silent = drawn[np.argsort(-past.recency[drawn], kind="stable")]
            self._weeks[day] = {
                "random": frozenset(drawn[:budget].tolist()),
                "recency": frozenset(silent[:budget].tolist()),
            }
        return self._weeks[day]

    def _drawn(self, day: int, who: IntArray) -> IntArray:
        """Return the accounts shuffled by a hash: fair, and the same in every process."""
        dice = [
            blake2b(f"{day}/{self._ids[index]}".encode(), digest_size=8).digest() for index in who
        ]
        return who[sorted(range(who.size), key=dice.__getitem__)]
