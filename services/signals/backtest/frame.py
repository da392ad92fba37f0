"""What else was known of each tested row by its month start, beside its features."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from services.signals.backtest.amounts import Amounts
from services.signals.features.facts import IntArray
from services.signals.features.history import DemandDays, History
from services.signals.features.windows import WINDOW_DAYS
from services.signals.hazard.interface import BoolArray, FloatArray
from services.signals.training.population import Population
from services.signals.training.rows import Rows
from shared.domain.rates import Worth

LOST_DAYS = 92
OBVIOUS_GAPS = 3.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Arrays of shape (m,), one entry per row."""

    day: IntArray  # of the month start
    last: IntArray  # last booking day
    obvious: FloatArray  # the day from which anybody sees that the account fell silent
    gone: BoolArray  # lost by the state's rule: 92 days and the 95 % quantile of the own gaps
    amount: FloatArray  # of the last 12 months, in one unit

    def take(self, mask: BoolArray) -> Frame:
        """Return the rows where `mask` holds."""
        return Frame(*(getattr(self, one.name)[mask] for one in fields(self)))


def frame_of(population: Population, rows: Rows, worth: Worth) -> Frame:
    """Return the circumstances of the rows, in their order."""
    demand, money = DemandDays(population.facts), Amounts(population.facts, worth)
    day = population.months[rows.month]
    last = np.zeros(day.size, dtype=np.int64)
    obvious, amount = np.zeros(day.size), np.zeros(day.size)
    gone = np.zeros(day.size, dtype=bool)
    for month in np.unique(rows.month):
        here = np.flatnonzero(rows.month == month)
        who, start = rows.account[here], int(population.months[month])
        past = demand.as_of(start)
        last[here] = past.last[who]
        obvious[here] = obvious_day(past)[who]
        gone[here] = past.recency[who] >= np.maximum(LOST_DAYS, past.q95_gap[who])
        amount[here] = money.last_year(start)[who]
    return Frame(day, last, obvious, gone, amount)


def obvious_day(past: History) -> FloatArray:
    """Return, per account, last booking + max(31 days, 3 x the own mean gap)."""
    return np.asarray(past.last + np.maximum(float(WINDOW_DAYS[1]), OBVIOUS_GAPS * past.mean_gap))
