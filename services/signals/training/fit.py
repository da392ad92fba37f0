"""Fitting the shipped model on all populations, with its measures and its cuts."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import expit

from services.signals.features.dropout import DropoutParams
from services.signals.features.history import DemandDays
from services.signals.features.matrix import NAMES, FeatureMatrix, frequency
from services.signals.hazard.dropout import fit_frequency
from services.signals.hazard.interface import HORIZONS, Labels
from services.signals.hazard.logistic import RIDGE, LogisticModel
from services.signals.training.cuts import budget_cuts
from services.signals.training.population import BoolArray, Population, read_population
from services.signals.training.report import Prediction, measure
from services.signals.training.rows import Rows, population_rows

PROTOCOL = {  # first training month, first test month, months between refits
    "scms": ("2007-06", "2010-01", 6),
    "transport": ("2016-07", "2018-01", 6),
    "cdnow": ("1997-05", "1997-09", 1),
}
Training = list[tuple[Rows, BoolArray]]


def train(data: Path, out: Path, version: str) -> LogisticModel:
    """Fit on every population below `data`, measure out of time, write the artifact to `out`."""
    populations = [read_population(path) for path in sorted(data.rglob("*.events.csv.gz"))]
    rows, tests = {}, {}
    for population in populations:
        first, tests[population.name], refit = _months(population)
        rows[population.name] = (population_rows(population, first, refit), refit)
    rolling = {name: _predict(rows, name, tests[name], own=True) for name in rows}
    unseen = {name: _predict(rows, name, tests[name], own=False) for name in rows}
    everything: Training = [(part, part.known) for part, _ in rows.values()]
    model = _fit(everything, version, _shipped_dropout(populations))
    return _finish(model, populations, rolling, unseen, out)


def _months(population: Population) -> tuple[int, int, int]:
    """Return the first training month, the first test month and the refit interval."""
    labels = population.months.astype("datetime64[D]").astype("datetime64[M]").astype(str)
    if population.name in PROTOCOL:
        first, test, refit = PROTOCOL[population.name]
        places = {str(label): at for at, label in enumerate(labels)}
        return places[first], places[test], refit
    months = len(labels)
    return months // 6, max(months // 3, min(12, months - 3)), 6


def _fit(parts: Training, version: str, dropout: DropoutParams) -> LogisticModel:
    """Fit on rows with at least one closed label, equal weight per population."""
    values, lost, known, weight = [], [], [], []
    for rows, closed in parts:
        used = closed.any(axis=1)
        values.append(rows.values[used])
        lost.append(rows.lost[used])
        known.append(closed[used])
        weight.append(np.full(int(used.sum()), 1.0 / max(int(used.sum()), 1)))
    labels = Labels(np.concatenate(lost), np.concatenate(known), np.concatenate(weight))
    blank = LogisticModel.blank(version, NAMES, dropout)
    return blank.fit(FeatureMatrix(NAMES, np.concatenate(values)), labels)


def _predict(rows: dict[str, tuple[Rows, int]], name: str, test: int, *, own: bool) -> Prediction:
    """Return the out-of-time curves of one population from its first test month on.

    `own`: refitted as time passes with the population's own windows closed by then; otherwise it
    is left out of training altogether.
    """
    part, refit = rows[name]
    others: Training = [(r, r.known) for other, (r, _) in rows.items() if other != name]
    shipped = DropoutParams(1.0, 1.0, 1.0, 1.0)  # the rows carry fitted features already
    curves = np.zeros((len(part.month), HORIZONS))
    model: LogisticModel | None = None
    closes = part.month[:, None] + np.arange(HORIZONS) + 3
    for month in range(test, int(part.month.max()) + 1):
        if model is None or (own and (month - test) % refit == 0):
            mine: Training = [(part, closes <= month)] if own else []
            model = _fit(others + mine, "measured", shipped)
        now = part.month == month
        logits = model.curve_logits(FeatureMatrix(NAMES, part.values[now]))
        curves[now] = expit(np.maximum.accumulate(logits, axis=1))
    judged = part.month >= test
    return Prediction(part.take(judged), curves[judged])


def _shipped_dropout(populations: list[Population]) -> DropoutParams:
    """Return the middle (mean of logarithms) of the populations' own parameters."""
    fits = [
        fit_frequency(frequency(DemandDays(one.facts).as_of(int(one.months[-1]))))
        for one in populations
    ]
    return DropoutParams(*(float(value) for value in np.exp(np.mean(np.log(fits), axis=0))))


def _finish(
    model: LogisticModel,
    populations: list[Population],
    rolling: dict[str, Prediction],
    unseen: dict[str, Prediction],
    out: Path,
) -> LogisticModel:
    digest = hashlib.sha256("".join(one.digest for one in populations).encode()).hexdigest()
    manifest: dict[str, Any] = {
        "features": list(NAMES),
        "label": "no booking in the next 3 months; curve: a silence of 3 months starts within h",
        "ridge": RIDGE,
        "data": {
            one.name: {
                "months": list(one.span),
                "accounts": len(one.facts.account_ids),
                "sha256": one.digest,
            }
            for one in populations
        },
        "digest": digest,
        "metrics": {
            "rolling": {name: measure(one) for name, one in rolling.items()},
            "unseen": {name: measure(one) for name, one in unseen.items()},
        },
    }
    finished = replace(model, manifest=manifest, cuts=budget_cuts(list(rolling.values())))
    finished.save(out)
    return finished
