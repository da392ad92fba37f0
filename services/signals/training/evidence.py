"""Evidence weights from outcomes: ridge regression towards the prior weights.

Of each account-month are known the log-odds that the bookings alone give, the strengths of its
evidence, and whether the window that followed was silent. The weights maximise the likelihood
times the beliefs (normal around the prior weights); while labels are few the beliefs decide, with
many the data do. No weight takes the direction against sense. One more number, the offset, moves
everybody alike, so that the weights need not repair a level that is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit

from services.signals.features.facts import Facts
from services.signals.features.feeds import Clock, Feeds
from services.signals.features.history import FloatArray
from services.signals.scoring.book import EvidenceBook
from services.signals.scoring.evidence import FAMILY_CAP, PRIORS, TOTAL_CAP, WEIGHTS, Entry

BoolArray = npt.NDArray[np.bool_]
CODES = tuple(WEIGHTS)
PART = 1 / 3
"""Windows of three months at successive months overlap: a row counts a third."""
OFFSET_SPREAD = 1.0
_ROUNDS = 4
_FAMILIES = tuple(sorted({weight.family for weight in WEIGHTS.values()}))
_MEMBER = np.array(
    [[WEIGHTS[code].family == family for family in _FAMILIES] for code in CODES], dtype=np.float64
)


class EvidenceFit(NamedTuple):
    """The weights by code, the offset, and by how many account-months each was seen."""

    weights: dict[str, float]
    offset: float
    seen: dict[str, int]


class MonthlyEvidence:
    """The evidence of a set of accounts, as of any day."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._n, self._clock = len(facts.account_ids), clock
        self._book, self._feeds = EvidenceBook(facts), Feeds(facts)

    def strengths(self, day: int) -> FloatArray:
        """Return (n, codes): the summed strengths of each account's evidence."""
        silent = self._feeds.silent(day, self._clock)
        coverage = self._feeds.coverage(day, silent, self._feeds.affected(day, silent))
        return strengths(self._book.as_of(day, coverage), self._n)


def strengths(entries: Mapping[int, Sequence[Entry]], n: int) -> FloatArray:
    """Return (n, codes): the summed strengths of each account's evidence."""
    found = np.zeros((n, len(CODES)))
    for index, items in entries.items():
        for one in items:
            found[index, CODES.index(one.code)] += one.strength
    return found


def log_odds(strength: FloatArray, weights: Mapping[str, float]) -> FloatArray:
    """Return (n,): what the evidence adds under these weights, within the caps."""
    vector = np.array([weights[code] for code in CODES])
    return np.asarray((_kept(strength, vector) * vector).sum(axis=1))


def fit_evidence(
    base: FloatArray, strength: FloatArray, lost: BoolArray, *, part: float = PART
) -> EvidenceFit:
    """Return the weights after these outcomes.

    `base` (n,) are the log-odds without evidence, `strength` is that of `strengths`, `lost` (n,)
    what came; all rows have closed windows. A cap takes away strength, so the fit is repeated
    with what the last weights leave of it.
    """
    prior = np.array([PRIORS[code] for code in CODES])
    vector, offset = prior.copy(), 0.0
    seen = (strength > 0).sum(axis=0)
    if base.size:
        for _ in range(_ROUNDS):
            kept = _kept(strength, vector)
            vector, offset = _solved(base, kept, lost, part)
    return EvidenceFit(
        dict(zip(CODES, vector.tolist(), strict=True)),
        offset,
        dict(zip(CODES, seen.tolist(), strict=True)),
    )


def _kept(strength: FloatArray, vector: FloatArray) -> FloatArray:
    """Return the strengths as the caps of families and sum leave them under these weights."""
    family = (strength * vector) @ _MEMBER
    scale = np.minimum(1.0, FAMILY_CAP / np.maximum(np.abs(family), 1e-12))
    kept = strength * (scale @ _MEMBER.T)
    total = np.abs((kept * vector).sum(axis=1))
    return np.asarray(kept * np.minimum(1.0, TOTAL_CAP / np.maximum(total, 1e-12))[:, None])


def _solved(
    base: FloatArray, strength: FloatArray, lost: BoolArray, part: float
) -> tuple[FloatArray, float]:
    prior = np.array([0.0, *(PRIORS[code] for code in CODES)])
    spread = np.array([OFFSET_SPREAD, *(WEIGHTS[code].spread for code in CODES)])
    design = np.column_stack([np.ones(base.size), strength])
    y = lost.astype(np.float64)

    def cost(solution: FloatArray) -> tuple[float, FloatArray]:
        z = base + design @ solution
        pull = (solution - prior) / spread
        value = part * float((np.logaddexp(0.0, z) - y * z).sum()) + float(pull @ pull) / 2
        return value, part * (design.T @ (expit(z) - y)) + pull / spread

    bounds: list[Any] = [(None, None), *(_direction(PRIORS[code]) for code in CODES)]
    options = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8}
    found = minimize(cost, prior, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    solution = np.asarray(found.x)
    return solution[1:], float(solution[0])


def _direction(prior: float) -> tuple[float | None, float | None]:
    return (0.0 if prior > 0 else None, 0.0 if prior < 0 else None)
