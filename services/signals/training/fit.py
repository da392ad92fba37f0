"""Fitting the shipped prior, and one prior per population left out, with their measures."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from services.signals.features.matrix import NAMES
from services.signals.hazard.blend import LossBlend
from services.signals.hazard.model import left_out_version
from services.signals.training.cuts import budget_cuts
from services.signals.training.fingerprint import fingerprint
from services.signals.training.local import HALF, PULL
from services.signals.training.methods import Blend, Prior
from services.signals.training.one_thread import one_thread
from services.signals.training.population import Population, read_population
from services.signals.training.prior import RIDGE, fit_prior
from services.signals.training.report import Prediction, measure
from services.signals.training.rolling import Method, Plan, rolling
from services.signals.training.rows import Rows, population_rows

PROTOCOL = {  # first training month, first test month; refits are monthly, as in a backtest
    "scms": ("2007-06", "2010-01"),
    "transport": ("2016-07", "2018-01"),
    "cdnow": ("1997-05", "1997-09"),
}


class Judged(NamedTuple):
    """A population with its rows and its first test month."""

    population: Population
    rows: Rows
    test: int


@one_thread
def train(data: Path, out: Path, version: str) -> LossBlend:
    """Fit on every population below `data`; write the prior and those with one left out to `out`.

    The left-out prior of a population is what measures it: alone (`unseen`), and with the local
    model of the windows closed by each refit (`rolling`).
    """
    out.mkdir(parents=True, exist_ok=True)
    sets = [_judged(read_population(path)) for path in sorted(data.rglob("*.events.csv.gz"))]
    alone, rolling = {}, {}
    for one in sets:
        name = one.population.name
        others = [(each.population, each.rows) for each in sets if each is not one]
        prior = fit_prior(left_out_version(version, name), others)
        alone[name] = predict(one, Prior(prior))
        rolling[name] = predict(one, Blend(prior))
        _written(prior, [each for each in sets if each is not one], {}, out)
    prior = fit_prior(version, [(each.population, each.rows) for each in sets])
    prior = replace(prior, cuts=budget_cuts(list(rolling.values())))
    metrics = {
        "rolling": {name: measure(one) for name, one in rolling.items()},
        "unseen": {name: measure(one) for name, one in alone.items()},
    }
    return _written(prior, sets, {"metrics": metrics}, out)


def predict(judged: Judged, method: Method) -> Prediction:
    """Return what a method says out of time, from the first test month on."""
    rows = judged.rows
    plan = Plan(judged.test, int(rows.month.max()))
    curves, erosion = rolling(rows, method, plan).forecast
    tested = rows.month >= judged.test
    return Prediction(rows.take(tested), curves[tested], erosion[tested])


def _judged(population: Population) -> Judged:
    first, test = _months(population)
    return Judged(population, population_rows(population, first, 1), test)


def _months(population: Population) -> tuple[int, int]:
    """Return the first training month and the first test month."""
    if population.name in PROTOCOL:
        places = {label: at for at, label in enumerate(population.month_names)}
        first, test = (places[label] for label in PROTOCOL[population.name])
        return first, test
    months = len(population.months)
    return months // 6, max(months // 3, min(12, months - 3))


def _written(prior: LossBlend, sets: list[Judged], more: dict[str, Any], out: Path) -> LossBlend:
    populations = [one.population for one in sets]
    digest = hashlib.sha256("".join(one.digest for one in populations).encode()).hexdigest()
    manifest: dict[str, Any] = {
        "features": list(NAMES),
        "label": "no booking in the next 3 months; curve: a silence of 3 months starts within h",
        "ridge": RIDGE,
        "half_weight_labels": HALF,
        "pull": PULL,
        "data": {
            one.name: {
                "months": list(one.span),
                "accounts": len(one.facts.account_ids),
                "sha256": one.digest,
                "fingerprint": " ".join(fingerprint(one.facts)),
            }
            for one in populations
        },
        "digest": digest,
        **more,
    }
    finished = replace(prior, manifest=manifest)
    finished.save(out / f"{prior.version}.json")
    return finished
