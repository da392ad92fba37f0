"""What is fitted to the whole population, at most once a month: drop-out and the market's level."""

from __future__ import annotations

from typing import Any

from services.signals.features.dropout import DropoutParams
from services.signals.features.facts import Facts
from services.signals.features.history import DemandDays
from services.signals.features.matrix import frequency
from services.signals.hazard.dropout import fit_frequency
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.market import (
    KEPT_MONTHS,
    MarketMonth,
    market_month,
    market_shift,
)
from services.signals.store.progress import Progress
from services.signals.worker.told import month_of

FIRST_MONTHS = 13
"""How many months back the first fit looks, so that a shock can be told from habit."""
_MONTH = 30.4375


class PopulationFit:
    """The drop-out parameters and the market shift in force; stored in `signals_progress`."""

    def __init__(self, stored: dict[str, Any] | None) -> None:
        kept = stored or {}
        self.params = DropoutParams(*kept["params"]) if "params" in kept else None
        self.month: str = kept.get("month", "")
        self.shift: float = kept.get("shift", 0.0)
        self.market = [MarketMonth(*one) for one in kept.get("market", ())]

    @classmethod
    def of(cls, progress: Progress) -> PopulationFit:
        """Return the fit that the last run left behind."""
        return cls(progress.model)

    def refit(self, facts: Facts, day: int) -> bool:
        """Fit as of the day if its month has none yet; tell whether it did."""
        if month_of(day) == self.month:
            return False
        demand = DemandDays(facts)
        self.params = fit_frequency(frequency(demand.as_of(day)), self.params)
        self.month = month_of(day)
        self._watch_market(demand, self.params, day)
        return True

    def _watch_market(self, demand: DemandDays, params: DropoutParams, day: int) -> None:
        back = 0 if self.market else FIRST_MONTHS
        for months in range(back, -1, -1):
            seen = market_month(demand, params, day - round(months * _MONTH))
            if seen is not None:
                self.market.append(seen)
        self.market = self.market[-KEPT_MONTHS:]
        self.shift = market_shift(self.market)

    def apply(self, evaluator: Evaluator) -> None:
        """Let an evaluator use it."""
        if self.params is not None:
            evaluator.use(self.params, self.shift)

    def stored(self) -> dict[str, Any] | None:
        """Return what to keep."""
        if self.params is None:
            return None
        return {
            "params": list(self.params),
            "month": self.month,
            "shift": self.shift,
            "market": [list(one) for one in self.market],
        }
