"""Churn risk: accounts at or above the watch cut, with the facts that a person can count.

The fold decides which of them alert: high and critical ones, and those on watch that rise fast.
"""

from __future__ import annotations

from collections.abc import Container

import numpy as np

from services.signals.alerting.findings import Finding
from services.signals.features.facts import EventRef, Facts
from services.signals.features.lookup import has_work
from services.signals.scoring.scores import Scores
from services.signals.scoring.words import day_text, decimal_text

_CANDIDATES = frozenset({"watch", "high", "critical"})
_FLOORS = {
    "stakeholder_left": "raised to high: sponsor or champion left",
    "severe_complaint": "raised to high: severe complaint beyond its agreed time",
}


class ChurnWatch:
    """The accounts whose score says high risk."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._bounds = np.searchsorted(facts.account, np.arange(len(facts.account_ids) + 1))
        self._last: dict[int, tuple[int, tuple[EventRef, ...]]] = {}

    def findings(self, scores: Scores, standing: Container[int] = ()) -> list[Finding]:
        """Return the candidates of the day; a lost account is not news any more.

        Where an alert of it stands, what mutes that may end all the same, and begin where too few
        inputs speak to tell the risk.
        """
        return [
            self._finding(at, scores)
            for at, band in enumerate(scores.band)
            if (at in standing if _is_settled(at, scores) else band in _CANDIDATES)
        ]

    def _finding(self, at: int, scores: Scores) -> Finding:
        floor = scores.floor[at]
        last = int(scores.last_booking_day[at])
        facts = [f"Last {self._sign(at)} on {day_text(last)}"] if last >= 0 else []
        lost = bool(scores.lost[at])
        if not lost and (chance := _chance(at, scores)):
            facts.append(chance)
        if floor is not None:
            facts.append(_FLOORS.get(floor.code, floor.code))
        return Finding(
            account=at,
            type="churn_risk",
            reason="churn_risk",
            scope={"kind": "account"},
            scope_key="account",
            text="; ".join(facts),
            events=self._last_event(at, last) if floor is None else floor.events,
            standing=_is_settled(at, scores),
        )

    def _sign(self, account: int) -> str:
        rows = slice(*self._bounds[account : account + 2].tolist())
        return "booking or warehouse work" if has_work(self._facts, rows) else "booking"

    def _last_event(self, account: int, last: int) -> tuple[EventRef, ...]:
        kept = self._last.get(account)
        if kept is None or kept[0] != last:
            kept = (last, self._look_up(account, last))
            self._last[account] = kept
        return kept[1]

    def _look_up(self, account: int, last: int) -> tuple[EventRef, ...]:
        facts = self._facts
        rows = np.arange(self._bounds[account], self._bounds[account + 1])
        booked = (facts.day[rows] == last) & (facts.sums["demand"][rows] > 0)
        return facts.events_of(rows[booked])[:1]


def _is_settled(at: int, scores: Scores) -> bool:
    """Return whether today's risk begins no alert, whatever it is."""
    return bool(scores.lost[at]) or scores.is_blind(at)


def _chance(at: int, scores: Scores) -> str | None:
    """Return what the early warning says: the chance of a loss that reached the list's high cut.

    Both have one decimal, so that what reached the cut is never shown below it.
    """
    months, cuts = int(scores.early_warning_months[at]), scores.cuts[at]
    if not months or cuts is None:
        return None
    chance = decimal_text(100 * float(scores.curve[at, months - 1]))
    ahead = "1 month" if months == 1 else f"{months} months"
    warned = f"(early warning from {decimal_text(cuts.high)} %)"
    return f"{chance} % chance that a loss starts within {ahead} {warned}"
