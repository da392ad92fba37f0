"""A backtest from end to end: a population in, forecasts and measures out.

Nothing here reads files or prints: the command line, training and tests all call `backtest`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from services.signals.backtest.amounts import NO_RATES
from services.signals.backtest.baselines import Chance, baselines
from services.signals.backtest.drivers import group_shares, single_features
from services.signals.backtest.frame import Frame, frame_of
from services.signals.backtest.judge import (
    Measures,
    erosion_measures,
    horizon_measures,
    list_measures,
    monthly_measures,
    risk_measures,
    warning_measures,
)
from services.signals.backtest.lists import named, warning_months
from services.signals.backtest.reactivation import reactivation
from services.signals.backtest.sustained import final_losses, sustained
from services.signals.features.facts import IntArray
from services.signals.hazard.interface import HORIZONS, BoolArray, Forecast
from services.signals.training.measures import top_of_month
from services.signals.training.one_thread import one_thread
from services.signals.training.population import Population
from services.signals.training.rolling import Method, Plan, rolling
from services.signals.training.rows import FIRST_ROW, Rows, population_rows
from shared.domain.rates import Worth

SHORTEST = 5
BUDGET = 0.10
DRAWS = 20
"""Random orders whose mean stands for chance."""

Advance = Callable[[float, str], None]


class TooLittleError(ValueError):
    """The history cannot carry a backtest; the message says what is missing."""


@dataclass(frozen=True)
class Prepared:
    """A population's rows with their circumstances, made once for all methods.

    `starts` are its month starts and the one after its last complete month: today's list has
    forecasts, though nothing of it can be judged.
    """

    population: Population
    starts: IntArray
    rows: Rows
    frame: Frame

    @property
    def names(self) -> list[str]:
        """Return the month starts as `2016-01`."""
        months = self.starts.astype("datetime64[D]").astype("datetime64[M]")
        return [str(month) for month in months]


class Result(NamedTuple):
    """What a method said of every tested row, and how good it was; all align with `rows`."""

    rows: Rows
    frame: Frame
    forecast: Forecast
    alert: BoolArray
    warning: IntArray  # early-warning months, 0 for none
    measures: Measures


@one_thread
def prepare(population: Population, worth: Worth = NO_RATES) -> Prepared:
    """Return the rows of a population; `worth` weighs revenue of several currencies.

    Raises `TooLittleError` where there are none to test.
    """
    months = len(population.months)
    if months < SHORTEST:
        raise TooLittleError(f"{months} complete months of bookings, {SHORTEST} are the least")
    wider = _with_newest(population)
    rows = population_rows(wider, FIRST_ROW, 1)
    if not rows.month.size:
        raise TooLittleError(
            "no account has 3 booking days and one of them in the 6 months before a month start"
        )
    if np.unique(rows.account).size < 2:
        raise TooLittleError("one account alone: there is nobody to rank it against")
    closes = rows.month[:, None] + np.arange(HORIZONS) + 3
    known, eroded_known = closes <= months, rows.eroded_known & (closes[:, 0] <= months)
    rows = replace(rows, known=known, eroded_known=eroded_known)
    return Prepared(population, wider.months, rows, frame_of(wider, rows, worth))


def _with_newest(population: Population) -> Population:
    """Return the population with one month start more, whose month is unknown."""
    newest = population.months[-1:].astype("datetime64[D]").astype("datetime64[M]") + 1
    starts = np.append(population.months, newest.astype("datetime64[D]").astype(np.int64))
    unknown = np.zeros((len(population.active), 1), dtype=bool)
    return replace(population, months=starts, active=np.hstack([population.active, unknown]))


def default_first(months: int) -> int:
    """Return the index of the first tested month: a third of the span, 12 where there are."""
    return max(FIRST_ROW, months // 3, min(12, months - 3))


@one_thread
def backtest(
    prepared: Prepared,
    method: Method,
    plan: Plan,
    *,
    budget: float = BUDGET,
    beside: tuple[Method, ...] | None = None,
    advance: Advance = lambda _fraction, _what: None,
) -> Result:
    """Return what `method` says at each month start of the plan, and its measures.

    `beside` are the methods that it is compared with on the same rows; by default chance, recency
    (plain and over the own mean gap) and BG/NBD.
    """
    every = prepared.rows
    tested = (every.month >= plan.first) & (every.month <= plan.last)
    if not tested.any():
        raise TooLittleError("nobody is eligible in the tested months")
    rows, frame = every.take(tested), prepared.frame.take(tested)
    others = baselines() if beside is None else beside
    methods = (method, *(one for one in others if one.name != method.name))
    said: dict[str, Forecast] = {}
    for at, one in enumerate(methods):
        share = partial(_share, advance, at, len(methods), one.name)
        rolled = rolling(every, one, plan, share)
        said[one.name] = Forecast(rolled.forecast.curve[tested], rolled.forecast.erosion[tested])
        if one is method:
            model = getattr(rolled.last, "model", None)
    mine = said[method.name]
    alert = named(rows, frame, mine.curve[:, 0], budget)
    measures = _summary(prepared, plan, rows, budget, alert)
    measures["method"] = method.name
    measures["by_month"] = monthly_measures(rows, mine.curve[:, 0], prepared.population.month_names)
    measures["reasons"] = [] if model is None else group_shares(model, rows)
    measures["features"] = single_features(rows)
    measures["methods"] = {
        name: _judged(rows, frame, forecast, budget) for name, forecast in said.items()
    }
    measures["list"] = list_measures(rows, frame, alert)
    losses = final_losses(prepared.population, prepared.starts, every, plan.first, plan.last)
    measures["lost_outside"] = losses.outside
    for name, forecast in said.items():
        given = [alert] if name == method.name else _plain(rows, forecast, name, budget)
        warned = [sustained(losses, rows, prepared.starts, one) for one in given]
        measures["methods"][name]["sustained"] = warning_measures(warned)
    return Result(
        rows, frame, mine, alert, warning_months(rows, frame, mine.curve, budget), measures
    )


def _share(advance: Advance, at: int, count: int, what: str, fraction: float) -> None:
    advance((at + fraction) / count, what)


def _summary(
    prepared: Prepared, plan: Plan, rows: Rows, budget: float, alert: BoolArray
) -> Measures:
    population, names = prepared.population, prepared.names
    return {
        "budget": budget,
        "first_month": names[0],
        "last_month": names[-2],
        "first_cutoff": f"{names[plan.first]}-01",
        "last_cutoff": f"{names[plan.last]}-01",
        "cutoffs": plan.last - plan.first + 1,
        "eligible_rows": int(rows.month.size),
        "eligible_accounts": int(np.unique(rows.account).size),
        "alerts": int(alert.sum()),
        "evidence_rows": int(rows.strength.any(axis=1).sum()),
        "reactivation": reactivation(population),
    }


def _judged(rows: Rows, frame: Frame, said: Forecast, budget: float) -> Measures:
    return risk_measures(rows, frame, said, budget) | {
        "horizons": horizon_measures(rows, said.curve),
        "erosion": erosion_measures(rows, said.erosion),
    }


def _plain(rows: Rows, said: Forecast, name: str, budget: float) -> list[BoolArray]:
    """Return the alerts of a rule that names the top of its order; chance is drawn often."""
    if name != Chance.name:
        return [top_of_month(said.curve[:, 0], rows.month, budget)]
    orders = (np.random.default_rng(seed).random(rows.month.size) for seed in range(DRAWS))
    return [top_of_month(order, rows.month, budget) for order in orders]
