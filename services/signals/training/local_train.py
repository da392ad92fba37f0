"""A model of an installation's own history, and whether it does better than the one in force; pure.

Candidate and incumbent are judged on the same account-months, out of time: the candidate is fitted
to what had closed before each of them, and a month counts only if the incumbent had not seen its
outcome either. What is not better is not promoted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from services.signals.features.dropout import DropoutParams
from services.signals.features.facts import Facts
from services.signals.features.feeds import Clock, Feeds
from services.signals.features.history import DemandDays, FloatArray
from services.signals.features.matrix import frequency
from services.signals.hazard.blend import LossBlend
from services.signals.hazard.dropout import fit_frequency
from services.signals.scoring.book import EvidenceBook
from services.signals.scoring.evidence import Learned, learned_evidence
from services.signals.training.cuts import budget_cuts
from services.signals.training.evidence import CODES, fit_evidence, log_odds, strengths
from services.signals.training.local import fit_local
from services.signals.training.measures import brier, monthly_auc
from services.signals.training.population import Population, population_of
from services.signals.training.prior import load_prior
from services.signals.training.report import Prediction
from services.signals.training.rows import Rows, population_rows

MIN_MONTHS, MIN_ACCOUNTS, MIN_LOST, MIN_KEPT = 9, 10, 20, 20
"""Fewer complete months, accounts or closed windows of either kind teach nothing."""
FIRST_ROW = 4
TEST_MONTHS, REFIT_MONTHS = 12, 3
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
                f"only {self.rows} account-months ({self.lost} lost) closed that the incumbent had"
                f" not seen; {MIN_TEST_ROWS} ({MIN_TEST_LOST}) are needed to judge"
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


@dataclass(frozen=True)
class Store:
    """An installation's history as account-months, with the strengths of their evidence."""

    population: Population
    rows: Rows
    strength: FloatArray

    def take(self, mask: np.ndarray[Any, np.dtype[np.bool_]]) -> Store:
        """Return the account-months where `mask` holds."""
        return Store(self.population, self.rows.take(mask), self.strength[mask])

    def closed(self, month: int) -> Store:
        """Return the account-months whose 3-month window had closed by the start of `month`."""
        return self.take(self.rows.known[:, 0] & (self.rows.month + 3 <= month))


def prepare(facts: Facts, end: int, clock: Clock) -> Store:
    """Return the history up to `end`, the day after the last complete month."""
    population = population_of(facts, "store", end=end)
    months = len(population.months)
    if months < MIN_MONTHS:
        raise InsufficientDataError(
            f"insufficient data: {months} complete months of bookings, {MIN_MONTHS} are needed"
        )
    rows = population_rows(population, FIRST_ROW, 1 if months <= 24 else REFIT_MONTHS)
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
    return Store(population, rows, _strengths(facts, population, rows, clock))


def train_local(
    store: Store, incumbent: LossBlend, version: str, advance: Advance = lambda *_: None
) -> Trained:
    """Return the candidate of this history beside the incumbent."""
    prior = load_prior(excluding=store.population.facts)
    tested = _tested(store, incumbent)
    risks = _rolling(store, prior, tested, advance)
    judged = store.take(tested)
    comparison = _compared(judged, risks[tested], incumbent)
    months = len(store.population.months)
    advance(0.9, "fit")
    model = fit_local(store.rows, months, prior, version)
    learned, seen = _evidence(store.closed(months), model)
    prediction = Prediction(judged.rows, np.repeat(risks[tested, None], 12, axis=1), risks[tested])
    cuts = budget_cuts([prediction]) if tested.any() else incumbent.cuts
    manifest = _manifest(store, prior, learned, seen, comparison)
    dropout = _dropout(store.population)
    return Trained(replace(model, cuts=cuts, dropout=dropout, manifest=manifest), comparison)


def risk_of(model: LossBlend, store: Store, learned: Learned) -> FloatArray:
    """Return (m,) the 3-month risk of a model with its evidence weights."""
    logits = model.curve_logits(store.rows.features)[:, 0] + learned.offset
    return np.asarray(expit(logits + log_odds(store.strength, learned.weights)))


def _strengths(facts: Facts, population: Population, rows: Rows, clock: Clock) -> FloatArray:
    book, feeds = EvidenceBook(facts), Feeds(facts)
    n = len(facts.account_ids)
    found = np.zeros((len(rows.month), len(CODES)))
    for month in np.unique(rows.month):
        day = int(population.months[month])
        silent = feeds.silent(day, clock)
        coverage = feeds.coverage(day, silent, feeds.affected(day, silent))
        here = rows.month == month
        found[here] = strengths(book.as_of(day, coverage), n)[rows.account[here]]
    return found


def _tested(store: Store, incumbent: LossBlend) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return the closed account-months of the last year whose outcome the incumbent never saw."""
    months = len(store.population.months)
    first = max(months - 3 - TEST_MONTHS, months // 3, FIRST_ROW + 4)
    until = incumbent.manifest.get("trained_until")
    if until in store.population.month_names:
        first = max(first, store.population.month_names.index(until) - 2)
    return np.asarray(store.rows.known[:, 0] & (store.rows.month >= first))


def _rolling(
    store: Store, prior: LossBlend, tested: np.ndarray[Any, np.dtype[np.bool_]], advance: Advance
) -> FloatArray:
    """Return the candidate's out-of-time risks of the tested rows; NaN elsewhere."""
    risks = np.full(len(store.rows.month), np.nan)
    months = np.unique(store.rows.month[tested])
    model, learned = prior, Learned()
    for at, month in enumerate(months.tolist()):
        if at % REFIT_MONTHS == 0:
            model = fit_local(store.rows, month, prior)
            learned, _ = _evidence(store.closed(month), model)
        here = tested & (store.rows.month == month)
        risks[here] = risk_of(model, store.take(here), learned)
        advance(0.9 * (at + 1) / len(months), "backtest")
    return risks


def _evidence(closed: Store, model: LossBlend) -> tuple[Learned, dict[str, int]]:
    base = model.curve_logits(closed.rows.features)[:, 0]
    fit = fit_evidence(base, closed.strength, closed.rows.lost[:, 0])
    return Learned(fit.weights, fit.offset), fit.seen


def _compared(judged: Store, risks: FloatArray, incumbent: LossBlend) -> Comparison:
    rows = judged.rows
    if not rows.month.size:
        return Comparison(0, 0, {}, {})
    theirs = risk_of(incumbent, judged, learned_evidence(incumbent.manifest))
    lost = rows.lost[:, 0]
    return Comparison(
        int(lost.size), int(lost.sum()), _figures(rows, risks), _figures(rows, theirs)
    )


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
    store: Store,
    prior: LossBlend,
    learned: Learned,
    seen: dict[str, int],
    comparison: Comparison,
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
        "evidence": {"weights": dict(learned.weights), "offset": learned.offset, "seen": seen},
        "metrics": comparison._asdict(),
    }


def digest_of(facts: Facts) -> str:
    """Return the SHA-256 of the booking facts that a model learned from."""
    whole = hashlib.sha256("\0".join(facts.account_ids).encode())
    for column in (facts.account, facts.day, facts.effect_day, facts.sums["demand"]):
        whole.update(np.ascontiguousarray(column, dtype=np.int64).tobytes())
    return whole.hexdigest()
