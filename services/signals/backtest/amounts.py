"""What an account brought in a year: the weight of its loss."""

from __future__ import annotations

import numpy as np

from services.signals.features.facts import Facts
from services.signals.features.windows import WINDOW_DAYS
from services.signals.hazard.interface import BoolArray, FloatArray
from shared.domain.rates import Worth

NO_RATES = Worth("", {})
"""For histories in one unit, whichever it is."""


class Amounts:
    """Revenue of the last twelve months per account, trips where there is no revenue at all.

    Revenue of one currency stays in it. Of several it is converted at one rate each, so that
    exchange rates of other years do not move the weights; what has no rate weighs nothing.
    """

    def __init__(self, facts: Facts, worth: Worth) -> None:
        self._n, self._account, self._day = len(facts.account_ids), facts.account, facts.day
        self._seen = np.maximum(facts.day, facts.effect_day)
        money, trips = facts.sums["revenue"] / 10_000.0, facts.sums["trips"] / 1_000.0
        if _several(facts):
            currencies, at = _currencies(facts)
            rates = [float(worth.rates.get(worth.currency(one), 0)) for one in currencies]
            self._amount: FloatArray = money * np.array(rates)[at]
        else:
            self._amount = money if money.any() else trips

    def last_year(self, day: int) -> FloatArray:
        """Return the amount per account of the twelve months before `day`."""
        rows = (self._seen < day) & (self._day >= day - WINDOW_DAYS[12])
        found = np.bincount(self._account[rows], weights=self._amount[rows], minlength=self._n)
        return np.maximum(found, 0.0)


def accounts_without_rate(facts: Facts, worth: Worth) -> dict[str, int]:
    """Return how many accounts brought revenue that weighs nothing, by its currency."""
    if not _several(facts):
        return {}
    currencies, at = _currencies(facts)
    paid = facts.sums["revenue"] > 0
    found = {}
    for place, name in enumerate(currencies):
        if worth.currency(name) not in worth.rates:
            found[name] = np.unique(facts.account[paid & (at == place)]).size
    return {name: count for name, count in found.items() if count}


def _several(facts: Facts) -> bool:
    """Tell whether revenue is of more than one currency."""
    _, at = _currencies(facts)
    paid: BoolArray = facts.sums["revenue"] != 0
    return bool(np.unique(at[paid]).size > 1)


def _currencies(facts: Facts) -> tuple[list[str], np.ndarray]:
    """Return the currencies, and the place of each row's among them."""
    names = sorted({one.currency for one in facts.series.values()})
    place = {name: at for at, name in enumerate(names)}
    series, at = np.unique(facts.series_id, return_inverse=True)
    places = np.array([place[facts.series[one].currency] for one in series.tolist()], dtype=int)
    return names, places[at]
