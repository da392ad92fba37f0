"""A complaint that was solved, and a customer who did not come back to the own earlier rate.

Asked of severe complaints and of those among 3 opened in 90 days, from three own cycles (at least
21 days) after the solution on, for half a year: the booking days of the last three cycles are at
or under 60 % of the rate of the year before the complaint, and so few that chance would bring them
one time in ten at most. Three cycles are few, so the bar of other falls (decision 0012) would
never be reached; that a complaint came first is what makes this worth a look.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.signals.alerting.detectors.chance import drop_chance
from services.signals.alerting.findings import Finding
from services.signals.features.complaints import REPEATED, REPEATED_DAYS, Complaint, ComplaintBook
from services.signals.features.facts import DAY_MICROS, Facts, IntArray
from services.signals.features.lookup import business_of
from services.signals.scoring.words import count_text, day_text, rate_text

CYCLES, LEAST_DAYS, ASKED_DAYS = 3.0, 21, 183
RATE_DAYS, MIN_DAYS = 365, 8
"""How far back the earlier rate is taken, and the booking days that it needs."""
LOW_RATIO, MOST_CHANCE = 0.60, 0.10


class _Rate(NamedTuple):
    """How an account booked in the year before a complaint."""

    days: int  # booking days
    span: int  # of so many days
    wait: int  # three own cycles in days


class RecoveryWatch:
    """The accounts with complaints, ready to be asked for any day."""

    def __init__(self, facts: Facts) -> None:
        self._facts, self._book = facts, ComplaintBook(facts)
        self._bounds = np.searchsorted(facts.account, np.arange(len(facts.account_ids) + 1))
        self._seen = np.maximum(facts.day, facts.effect_day)
        self._business = business_of(facts)

    def findings(self, day: int) -> list[Finding]:
        """Return the accounts that did not recover as of 00:00 UTC of `day`."""
        found = []
        for account in self._book.accounts:
            case = _case(self._book.as_of(account, day), day)
            if case is not None:
                found += self._unrecovered(account, case, day)
        return found

    def _unrecovered(self, account: int, case: Complaint, day: int) -> list[Finding]:
        booked = self._booked(account, day)
        rate = _rate(booked, case.opened // DAY_MICROS)
        solved = (case.solved or 0) // DAY_MICROS
        if rate is None or day - solved <= rate.wait:
            return []
        recent = int((booked >= day - rate.wait).sum())
        share = rate.wait / (rate.wait + rate.span)
        chance = drop_chance(np.array([float(recent)]), np.array([float(rate.days)]), share)
        low = recent <= LOW_RATIO * rate.days * rate.wait / rate.span
        return [self._finding(account, case, rate, recent)] if low and chance <= MOST_CHANCE else []

    def _booked(self, account: int, day: int) -> IntArray:
        """Return the account's days with business as known by `day`, ascending."""
        rows = slice(*self._bounds[account : account + 2].tolist())
        days, at = np.unique(self._facts.day[rows], return_inverse=True)
        net = np.bincount(at, weights=self._business[rows] * (self._seen[rows] < day))
        return days[net > 0] if days.size else days

    def _finding(self, account: int, case: Complaint, rate: _Rate, recent: int) -> Finding:
        solved = day_text((case.solved or 0) // DAY_MICROS)
        came = f"{count_text(recent, 'booking day')} in {rate.wait} days"
        return Finding(
            account=account,
            type="no_recovery",
            reason="no_recovery",
            scope={"kind": "account"},
            scope_key="account",
            text=f"Complaint {case.name} was solved on {solved}, bookings did not come back:"
            f" {came}, before it {rate_text(rate.days / rate.span)}",
            events=case.events[-1:],
        )


def _case(tickets: Sequence[Complaint], day: int) -> Complaint | None:
    """Return the complaint that was solved last, of those whose customer may be lost by it."""
    asked = [one for one in tickets if one.counts]
    since = (day - ASKED_DAYS) * DAY_MICROS
    solved = [
        one
        for at, one in enumerate(asked)
        if one.solved is not None
        and one.solved >= since
        and (one.is_severe or _is_repeated(asked, at))
    ]
    return max(solved, key=lambda one: (one.solved or 0, one.ref), default=None)


def _is_repeated(tickets: Sequence[Complaint], at: int) -> bool:
    """Return whether the ticket was one of three opened within 90 days; they are in that order."""
    firsts = range(max(0, at - REPEATED + 1), min(at, len(tickets) - REPEATED) + 1)
    return any(
        tickets[first + REPEATED - 1].opened - tickets[first].opened < REPEATED_DAYS * DAY_MICROS
        for first in firsts
    )


def _rate(booked: IntArray, opened: int) -> _Rate | None:
    """Return the rate of the year before the day `opened`; None where it cannot be told."""
    before = booked[(booked >= opened - RATE_DAYS) & (booked < opened)]
    if before.size < MIN_DAYS:
        return None
    cycle = float(np.median(np.diff(before)))
    return _Rate(before.size, int(opened - before[0]), max(round(CYCLES * cycle), LEAST_DAYS))
