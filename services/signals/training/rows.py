"""Training rows: the features of every eligible account at every month start, with its labels."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from services.signals.features.facts import IntArray
from services.signals.features.feeds import Clock
from services.signals.features.history import DemandDays
from services.signals.features.matrix import (
    NAMES,
    FeatureMatrix,
    FloatArray,
    feature_matrix,
    frequency,
)
from services.signals.features.volume import VolumeTable
from services.signals.features.windows import WINDOW_DAYS
from services.signals.hazard.dropout import fit_frequency
from services.signals.hazard.interface import HORIZONS, BoolArray, Labels
from services.signals.training.erosion import MonthlyVolume
from services.signals.training.evidence import MonthlyEvidence
from services.signals.training.population import Population, eligible, losses

FIRST_ROW = 4
"""Index of the first month start with rows: three booking days take a while."""


@dataclass(frozen=True)
class Rows:
    """Account-months in order of month: features (m, k), labels, who and when."""

    values: FloatArray
    lost: BoolArray  # (m, 12)
    known: BoolArray  # (m, 12) the window lies within the data
    eroded: BoolArray
    eroded_known: BoolArray
    quiet: BoolArray  # no booking in the first month of the window
    strength: FloatArray  # (m, codes) of the evidence beside the bookings
    month: IntArray  # index into Population.months
    account: IntArray  # index into Facts.account_ids
    active: BoolArray  # booked in the last 31 days
    recency: FloatArray

    def take(self, mask: BoolArray) -> Rows:
        """Return the rows where `mask` holds."""
        return Rows(*(getattr(self, one.name)[mask] for one in fields(self)))

    @property
    def features(self) -> FeatureMatrix:
        """Return the features with their names."""
        return FeatureMatrix(NAMES, self.values)

    def labels(self, month: int | None = None, weight: FloatArray | None = None) -> Labels:
        """Return what was known at the start of `month`; all that the data knows without one."""
        known, eroded_known = self.known, self.eroded_known
        if month is not None:
            closes = self.month[:, None] + np.arange(HORIZONS) + 3
            known = known & (closes <= month)
            eroded_known = eroded_known & (self.month + 3 <= month)
        ones = np.ones(len(self.month)) if weight is None else weight
        return Labels(self.lost & known, known, ones, self.eroded & eroded_known, eroded_known)


def population_rows(
    population: Population, first_month: int, refit_months: int, clock: Clock = "wall"
) -> Rows:
    """Return the rows from `first_month` on; the drop-out model is refitted as time passes."""
    demand, volume = DemandDays(population.facts), VolumeTable(population.facts)
    erosion, evidence = MonthlyVolume(population), MonthlyEvidence(population.facts, clock)
    lost, known = losses(population.active)
    params, parts = None, []
    for month in range(first_month, len(population.months)):
        day = int(population.months[month])
        past = demand.as_of(day)
        if params is None or (month - first_month) % refit_months == 0:
            params = fit_frequency(frequency(past), params)
        who = np.flatnonzero(eligible(population.active, month, past.n_days))
        matrix = feature_matrix(past, volume.look(day), params)
        eroded, eroded_known = erosion.eroded(month)
        parts.append(
            Rows(
                values=matrix.values[who],
                lost=lost[who, month],
                known=known[who, month],
                eroded=eroded[who],
                eroded_known=eroded_known[who],
                quiet=~population.active[who, month],
                strength=evidence.strengths(day)[who],
                month=np.full(who.size, month),
                account=who,
                active=past.recency[who] <= WINDOW_DAYS[1],
                recency=past.recency[who],
            )
        )
    return Rows(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Rows)))
