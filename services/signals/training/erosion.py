"""The second label: the volume of the next three months against that of the six before."""

from __future__ import annotations

import numpy as np

from services.signals.features.volume import measured
from services.signals.hazard.interface import BoolArray, FloatArray
from services.signals.training.population import Population, month_of

ERODED = 0.30
"""At or under this share of the trailing monthly mean the business is eroded."""


class MonthlyVolume:
    """Volume, bookings and measured bookings per account, kind of business and calendar month."""

    def __init__(self, population: Population) -> None:
        facts = population.facts
        kind, business, value = measured(facts)
        self._kinds = np.unique(kind)
        shape = (len(facts.account_ids), self._kinds.size, len(population.months))
        month = month_of(facts.day) - month_of(population.months[:1]).sum()
        inside = month < shape[2]
        place = np.searchsorted(self._kinds, kind)
        flat = ((facts.account * shape[1] + place) * shape[2] + month)[inside]

        def summed(weights: FloatArray) -> FloatArray:
            size = int(np.prod(shape))
            total = np.bincount(flat, weights=weights[inside], minlength=size)
            return np.asarray(total.reshape(shape), dtype=np.float64)

        self._volume, self._bookings = summed(value), summed(business)
        self._measured = summed(business * (value > 0))

    def eroded(self, month: int) -> tuple[BoolArray, BoolArray]:
        """Return (eroded, known), both (n,), for the cutoff at the start of the month.

        Each kind in its own unit (in bookings where fewer than half carry it), weighted by its
        share of the trailing bookings.
        """
        before, after = slice(max(month - 6, 0), month), slice(month, month + 3)
        booked = self._bookings[:, :, before].sum(axis=2)
        in_unit = 2 * self._measured[:, :, before].sum(axis=2) >= np.maximum(booked, 1.0)
        chosen = np.where(in_unit[:, :, None], self._volume, self._bookings)
        usual = chosen[:, :, before].sum(axis=2) / 6.0
        coming = chosen[:, :, after].sum(axis=2) / 3.0
        share = booked * (usual > 0)
        ratio = np.where(usual > 0, coming / np.maximum(usual, 1e-12), 0.0)
        total = share.sum(axis=1)
        level = (ratio * share).sum(axis=1) / np.maximum(total, 1e-12)
        known = (total > 0) & (month + 3 <= self._volume.shape[2])
        return (level <= ERODED) & known, known
