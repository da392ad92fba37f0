"""Training rows: the features of every eligible account at every month start, with its labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.signals.features.facts import IntArray
from services.signals.features.history import DemandDays
from services.signals.features.matrix import (
    NAMES,
    VOLUME_WINDOWS,
    FeatureMatrix,
    FloatArray,
    feature_matrix,
    frequency,
)
from services.signals.features.volume import VolumeTable
from services.signals.features.windows import WINDOW_DAYS
from services.signals.hazard.dropout import fit_frequency
from services.signals.training.population import BoolArray, Population, eligible, losses


@dataclass(frozen=True)
class Rows:
    """Account-months: features (m, k), labels (m, 12), the month's index, and who is active."""

    values: FloatArray
    lost: BoolArray
    known: BoolArray
    month: IntArray
    active: BoolArray  # booked in the last 31 days
    recency: FloatArray

    def take(self, mask: BoolArray) -> Rows:
        """Return the rows where `mask` holds."""
        return Rows(
            self.values[mask],
            self.lost[mask],
            self.known[mask],
            self.month[mask],
            self.active[mask],
            self.recency[mask],
        )

    @property
    def features(self) -> FeatureMatrix:
        """Return the features with their names."""
        return FeatureMatrix(NAMES, self.values)


def population_rows(population: Population, first_month: int, refit_months: int) -> Rows:
    """Return the rows from `first_month` on; the drop-out model is refitted as time passes."""
    demand, volume = DemandDays(population.facts), VolumeTable(population.facts)
    lost, known = losses(population.active)
    params, parts = None, []
    for month in range(first_month, len(population.months)):
        day = int(population.months[month])
        past = demand.as_of(day)
        if params is None or (month - first_month) % refit_months == 0:
            params = fit_frequency(frequency(past), params)
        who = eligible(population.active, month, past.n_days)
        matrix = feature_matrix(past, volume.index(day, VOLUME_WINDOWS), params)
        parts.append(
            Rows(
                matrix.values[who],
                lost[who, month],
                known[who, month],
                np.full(int(who.sum()), month),
                past.recency[who] <= WINDOW_DAYS[1],
                past.recency[who],
            )
        )
    fields = ("values", "lost", "known", "month", "active", "recency")
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))
