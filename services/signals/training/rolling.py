"""The rolling origin: at each month start, what a method says from what had closed by then.

A row never depends on anything at or after its month start, nor on where the test begins or ends:
the months of refitting are counted from the first month of the history.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from services.signals.hazard.interface import HORIZONS, Forecast
from services.signals.training.rows import Rows

Advance = Callable[[float], None]


class Fitted(Protocol):
    """A method after training."""

    def predict(self, rows: Rows, past: Rows) -> Forecast:
        """Return what it says of these rows of one month start; NaN where it says nothing.

        `past` are the rows before them; of their labels only those count that had closed.
        """


class Method(Protocol):
    """Anything that can be trained on closed windows and asked at a month start."""

    @property
    def name(self) -> str:
        """Short name, as in the report."""

    def fit(self, rows: Rows, month: int) -> Fitted:
        """Return it trained on the rows before `month`, by labels that had closed then."""


class Plan(NamedTuple):
    """Which month starts are tested (indices, both inclusive), and how often to refit."""

    first: int
    last: int
    refit_months: int = 1

    def fitted_at(self, month: int) -> int:
        """Return the month start whose fit is used at `month`."""
        return month - month % self.refit_months


class Rolled(NamedTuple):
    """A forecast for every row, NaN for months outside the plan, and the last fit."""

    forecast: Forecast
    last: Fitted


def rolling(
    rows: Rows, method: Method, plan: Plan, advance: Advance = lambda _fraction: None
) -> Rolled:
    """Ask the method at each month start of the plan, refitting it as time passes."""
    curve = np.full((rows.month.size, HORIZONS), np.nan)
    erosion = np.full(rows.month.size, np.nan)
    fitted_at = plan.fitted_at(plan.first)
    fitted = method.fit(rows.take(rows.month < fitted_at), fitted_at)
    for month in range(plan.first, plan.last + 1):
        if plan.fitted_at(month) != fitted_at:
            fitted_at = plan.fitted_at(month)
            fitted = method.fit(rows.take(rows.month < fitted_at), fitted_at)
        now = rows.month == month
        if now.any():
            past = rows.take(rows.month < month)
            curve[now], erosion[now] = fitted.predict(rows.take(now), past)
        advance((month + 1 - plan.first) / (plan.last + 1 - plan.first))
    return Rolled(Forecast(curve, erosion), fitted)
