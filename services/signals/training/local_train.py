"""A model of an installation's own history, and whether it does better than the one in force; pure.

Candidate and incumbent are judged on the same account-months by the rolling origin of a backtest:
the candidate is fitted to what had closed before each month, and a month counts only if the
incumbent was fitted before it too. What is worse is not promoted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from services.signals.features.dropout import DropoutParams
from services.signals.features.facts import Facts
from services.signals.features.feeds import Clock
from services.signals.features.history import DemandDays, FloatArray
from services.signals.features.matrix import frequency
from services.signals.hazard.blend import LossBlend
from services.signals.hazard.dropout import fit_frequency
from services.signals.hazard.model import SHIPPED_VERSION
from services.signals.training.cuts import budget_cuts
from services.signals.training.evidence import EvidenceFit
from services.signals.training.local import fit_local
from services.signals.training.measures import brier, monthly_auc
from services.signals.training.methods import Blend, InForce, evidence_of
from services.signals.training.one_thread import one_thread
from services.signals.training.population import Population, population_of
from services.signals.training.prior import load_prior
from services.signals.training.report import Prediction
from services.signals.training.rolling import Method, Plan, rolling
from services.signals.training.rows import FIRST_ROW, Rows, population_rows

MIN_MONTHS, MIN_ACCOUNTS, MIN_LOST, MIN_KEPT = 9, 10, 20, 20
"""Fewer complete months, accounts or closed windows of either kind teach nothing."""
TEST_MONTHS = 12
MIN_TEST_ROWS, MIN_TEST_LOST = 100, 10
AUC_TOLERANCE = 0.002

Advance = Callable[[float, str], None]


class InsufficientDataError(ValueError):
    """There is too little to learn from; the message counts what is missing."""


class Comparison(NamedTuple):
    """Candidate beside incumbent on the same account-months."""

    rows: int
    lost: int
    candidate: dict[str, float]
    incumbent: dict[str, float]

    @property
    def refusal(self) -> str | None:
        """Return why the candidate is not promoted; None when it is no worse."""
        mine, theirs = self.candidate, self.incumbent
        if self.rows < MIN_TEST_ROWS or self.lost < MIN_TEST_LOST:
            return (
                f"only {self.rows} account-months ({self.lost} lost) closed since the incumbent was"
                f" fitted; {MIN_TEST_ROWS} ({MIN_TEST_LOST}) are needed to judge"
            )
        if mine["log_loss"] > theirs["log_loss"]:
            return f"log loss {mine['log_loss']:.4f}, the incumbent's is {theirs['log_loss']:.4f}"
        if mine["auc_m"] < theirs["auc_m"] - AUC_TOLERANCE:
            return f"AUC_m {mine['auc_m']:.4f}, the incumbent's is {theirs['auc_m']:.4f}"
        return None


class Trained(NamedTuple):
    """The candidate, fitted to everything that closed, and how it was judged."""

    model: LossBlend
    comparison: Comparison


class Store(NamedTuple):
    """An installation's history as account-months."""

    population: Population
    rows: Rows


def prepare(facts: Facts, end: int, clock: Clock) -> Store:
    """Return the history up to `end`, the day after the last complete month."""
    population = population_of(facts, "store", end=end)
    months = len(population.months)
    if months < MIN_MONTHS:
        raise InsufficientDataError(
            f"insufficient data: {months} complete months of bookings, {MIN_MONTHS} are needed"
        )
    rows = population_rows(population, FIRST_ROW, 1, clock)
    accounts = np.unique(rows.account).size
    if accounts < MIN_ACCOUNTS:
        raise InsufficientDataError(
            f"insufficient data: {accounts} accounts have 3 booking days and one of them within 6"
            f" months of a month start, {MIN_ACCOUNTS} are needed"
        )
    closed = rows.known[:, 0]
    lost = int(rows.lost[closed, 0].sum())
    kept = int(closed.sum()) - lost
    if lost < MIN_LOST or kept < MIN_KEPT:
        raise InsufficientDataError(
            f"insufficient data: {lost} closed windows were lost and {kept} kept,"
            f" {MIN_LOST} and {MIN_KEPT} are needed"
        )
    return Store(population, rows)


@one_thread
def train_local(
    store: Store, incumbent: LossBlend, version: str, advance: Advance = lambda *_: None
) -> Trained:
    """Return the candidate of this history beside the incumbent."""
    rows, months = store.rows, len(store.population.months)
    prior = load_prior(excluding=store.population.facts)
    first = _first_test(store, incumbent)
    # The shipped model may have been trained on this very population: then its twin stands for it.
    beaten = prior if incumbent.version == SHIPPED_VERSION else incumbent
    methods: tuple[Method, ...] = (Blend(prior), InForce(beaten))
    mine, theirs = (
        _risks(rows, method, first, months, partial(_share, advance, 0.45 * at))
        for at, method in enumerate(methods)
    )
    tested = rows.known[:, 0] & (rows.month >= first)
    judged = rows.take(tested)
    comparison = _compared(judged, mine[tested], theirs[tested])
    advance(0.9, "fit")
    model = fit_local(rows, months, prior, version)
    evidence = evidence_of(rows, months, model)
    prediction = Prediction(judged, np.repeat(mine[tested, None], 12, axis=1), mine[tested])
    cuts = budget_cuts([prediction]) if tested.any() else incumbent.cuts
    manifest = _manifest(store, prior, evidence, comparison)
    dropout = _dropout(store.population)
    return Trained(replace(model, cuts=cuts, dropout=dropout, manifest=manifest), comparison)


def _first_test(store: Store, incumbent: LossBlend) -> int:
    """Return the first month of the last year at which the incumbent was there already.

    Earlier ones would not be fair: it had learned from windows that the candidate, fitted as of
    each month, may not look at.
    """
    months = len(store.population.months)
    first = max(months - 3 - TEST_MONTHS, months // 3, FIRST_ROW + 4)
    until = incumbent.manifest.get("trained_until")
    if until in store.population.month_names:
        first = max(first, store.population.month_names.index(until) + 1)
    return first


def _risks(
    rows: Rows, method: Method, first: int, months: int, advance: Callable[[float], None]
) -> FloatArray:
    """Return (m,) a method's risks from the rolling origin, as in a backtest; NaN elsewhere."""
    last = months - 3  # the newest month start whose window has closed
    if first > last:
        return np.full(rows.month.size, np.nan)
    return rolling(rows, method, Plan(first, last), advance).forecast.curve[:, 0]


def _share(advance: Advance, done: float, fraction: float) -> None:
    advance(done + 0.45 * fraction, "backtest")


def _compared(rows: Rows, mine: FloatArray, theirs: FloatArray) -> Comparison:
    if not rows.month.size:
        return Comparison(0, 0, {}, {})
    lost = rows.lost[:, 0]
    return Comparison(int(lost.size), int(lost.sum()), _figures(rows, mine), _figures(rows, theirs))


def _figures(rows: Rows, risk: FloatArray) -> dict[str, float]:
    lost, safe = rows.lost[:, 0], np.clip(risk, 0.001, 0.999)
    told = np.where(lost, np.log(safe), np.log1p(-safe))
    ranked = monthly_auc(lost, risk, rows.month)
    return {
        "auc_m": round(float(ranked), 4) if np.isfinite(ranked) else 0.5,
        "brier": round(brier(lost, risk), 4),
        "log_loss": round(float(-told.mean()), 4),
    }


def _dropout(population: Population) -> DropoutParams:
    last = int(population.months[-1])
    return fit_frequency(frequency(DemandDays(population.facts).as_of(last)))


def _manifest(
    store: Store, prior: LossBlend, evidence: EvidenceFit, comparison: Comparison
) -> dict[str, Any]:
    rows, population = store.rows, store.population
    closed = rows.known[:, 0]
    return {
        "features": list(prior.names),
        "label": "no booking in the next 3 months; curve: a silence of 3 months starts within h",
        "prior": prior.version,
        "trained_until": population.span[1],
        "data": {
            "months": list(population.span),
            "accounts": len(population.facts.account_ids),
            "closed_windows": int(closed.sum()),
            "lost": int(rows.lost[closed, 0].sum()),
            "sha256": digest_of(population.facts),
        },
        "evidence": evidence._asdict(),
        "metrics": comparison._asdict(),
    }


def digest_of(facts: Facts) -> str:
    """Return the SHA-256 of the booking facts that a model learned from."""
    whole = hashlib.sha256("\0".join(facts.account_ids).encode())
    for column in (facts.account, facts.day, facts.effect_day, facts.sums["demand"]):
        whole.update(np.ascontiguousarray(column, dtype=np.int64).tobytes())
    return whole.hexdigest()
