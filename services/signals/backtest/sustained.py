"""Sustained warning: how long before the silence was obvious was the alert open, and still open.

An alert that merely opened once before a loss proves nothing: random alerts do that for half of
the lost accounts. So only the alert counts that stands at the last month start before the silence
is obvious (last booking + max(31 days, 3 x own mean gap)), from the start of its unbroken run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.signals.backtest.frame import obvious_day
from services.signals.features.facts import IntArray
from services.signals.features.history import DemandDays
from services.signals.features.windows import MONTH_DAYS
from services.signals.hazard.interface import BoolArray, FloatArray
from services.signals.training.population import Population
from services.signals.training.rows import Rows

SILENT_DAYS = 92
"""To the end of the data: a shorter silence is not yet taken for a loss."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Accounts that fell silent for good in the tested time; arrays of shape (k,)."""

    account: IntArray
    last: IntArray  # last booking day
    obvious: FloatArray
    judged: IntArray  # index of the last month start before that day
    outside: int  # lost too, but not eligible any more when it became obvious


@dataclass(frozen=True, slots=True)
class Warnings:
    """What one way of giving alerts achieved on the losses."""

    losses: int
    caught: int
    before_last: int  # the alert began before the last booking
    months: FloatArray  # (k,) from the start of the alert to the obvious day; 0 where missed


def final_losses(
    population: Population, starts: IntArray, rows: Rows, first: int, last: int
) -> Losses:
    """Return who was lost: last booking from month start `first` on, obvious by `last`.

    The last of the month `starts` is the end of what is known.
    """
    end = int(starts[-1])
    past = DemandDays(population.facts).as_of(end)
    obvious = obvious_day(past)
    judged = np.searchsorted(starts, obvious, side="right") - 1
    lost = (past.n_days >= 3) & (obvious <= end) & (end - past.last >= SILENT_DAYS)
    lost &= (past.last >= starts[first]) & (judged >= first) & (judged <= last)
    eligible = np.zeros((past.n_days.size, len(starts)), dtype=bool)
    eligible[rows.account, rows.month] = True
    seen = eligible[np.arange(past.n_days.size), np.clip(judged, 0, len(starts) - 1)]
    who = np.flatnonzero(lost & seen)
    return Losses(who, past.last[who], obvious[who], judged[who], int((lost & ~seen).sum()))


def sustained(losses: Losses, rows: Rows, starts: IntArray, alert: BoolArray) -> Warnings:
    """Return what the alerts (m,) were worth to these losses."""
    on = {
        (int(account), int(month))
        for account, month in zip(rows.account[alert], rows.month[alert], strict=True)
    }
    months, before = np.zeros(losses.account.size), 0
    caught = 0
    for at, account in enumerate(losses.account.tolist()):
        month = int(losses.judged[at])
        if (account, month) not in on:
            continue
        while (account, month - 1) in on:
            month -= 1
        caught += 1
        before += int(starts[month] <= losses.last[at])
        months[at] = (losses.obvious[at] - starts[month]) / MONTH_DAYS
    return Warnings(losses.account.size, caught, before, months)
