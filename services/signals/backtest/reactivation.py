"""How often a silence of three months was not the end."""

from __future__ import annotations

from typing import Any

import numpy as np

from services.signals.training.population import Population

SILENCE = 3
ESTABLISHED = 3  # months with bookings before the silence


def reactivation(population: Population) -> dict[str, Any]:
    """Return how many three-month silences of established accounts ended with a booking.

    The share is a little low: who fell silent lately has had less time to come back.
    """
    active = population.active
    months = active.shape[1]
    silences, returned, waits = 0, 0, []
    for account in np.flatnonzero(active.sum(axis=1) >= ESTABLISHED).tolist():
        booked = np.flatnonzero(active[account])
        gaps = np.diff(booked) - 1
        used = np.arange(gaps.size) >= ESTABLISHED - 1
        ended = gaps[used & (gaps >= SILENCE)]
        open_end = months - 1 - booked[-1] >= SILENCE
        silences += ended.size + int(open_end)
        returned += ended.size
        waits += ended.tolist()
    return {
        "silences": silences,
        "returned": returned,
        "share": round(returned / silences, 4) if silences else None,
        "median_months": float(np.median(waits)) if waits else None,
    }
