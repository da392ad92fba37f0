"""A population of an event file as facts, and its account-months with labels."""

from __future__ import annotations

import csv
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.signals.features.facts import SUMS, Facts, IntArray, Series
from services.signals.hazard.interface import HORIZONS

BoolArray = npt.NDArray[np.bool_]

VOLUME_UNITS = {"transport": ("road", "trips")}
"""Sets whose amount is a volume (mode, column of the sums); elsewhere it is money and unused."""


@dataclass(frozen=True)
class Population:
    """The bookings of one event file."""

    name: str
    facts: Facts
    digest: str  # SHA-256 of the uncompressed file
    months: IntArray  # days of the month starts, from the first event's month to the end
    active: BoolArray  # (n, len(months)) any demand day in the month; only complete months

    @property
    def span(self) -> tuple[str, str]:
        """Return the first and the last complete month."""
        labels = self.months.astype("datetime64[D]").astype("datetime64[M]").astype(str)
        return str(labels[0]), str(labels[-1])


def read_population(path: Path) -> Population:
    """Return the bookings of an `*.events.csv.gz` file, one row per account and day.

    The last month with a booking is taken as complete: end the file with a full month.
    """
    raw = gzip.decompress(path.read_bytes())
    rows = [
        (row["account_id"], row["event_time"][:10], float(row["amount"] or 0))
        for row in csv.DictReader(raw.decode().splitlines())
        if row["event_type"] == "booking"
    ]
    name = path.name.split(".")[0]
    ids, account = np.unique([row[0] for row in rows], return_inverse=True)
    day = np.array([row[1] for row in rows], dtype="datetime64[D]").astype(np.int64)
    amount = np.array([row[2] for row in rows])
    facts = booking_facts(tuple(ids.tolist()), account, day, amount, VOLUME_UNITS.get(name))
    months, active = _monthly_activity(account, day, len(ids))
    return Population(name, facts, hashlib.sha256(raw).hexdigest(), months, active)


def booking_facts(
    ids: tuple[str, ...],
    account: IntArray,
    day: IntArray,
    amount: npt.NDArray[np.float64],
    unit: tuple[str, str] | None,
) -> Facts:
    """Return facts with one row per account and day; `unit` names mode and column of `amount`."""
    key, at = np.unique(account * 1_000_000 + day, return_inverse=True)
    count = np.bincount(at)
    sums = {name: np.zeros(key.size, dtype=np.int64) for name in SUMS}
    sums["demand"] = sums["business"] = count
    mode = ""
    if unit is not None:
        mode, column = unit
        total = np.bincount(at, weights=np.clip(amount, 0, 1e12))
        sums[column] = np.rint(total * 1000).astype(np.int64)
    return Facts(
        account_ids=ids,
        account=key // 1_000_000,
        series_id=np.zeros(key.size, dtype=np.int64),
        day=key % 1_000_000,
        effect_day=key % 1_000_000,
        sums=sums,
        event_ids=np.full(key.size, "", dtype=object),
        series={0: Series(mode, "", "", "", "file", "")},
        evidence=(),
        feeds=(),
    )


def _monthly_activity(account: IntArray, day: IntArray, n: int) -> tuple[IntArray, BoolArray]:
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first, last = int(month.min()), int(month.max())
    starts = np.arange(first, last + 2).astype("datetime64[M]").astype("datetime64[D]")
    days = starts.astype(np.int64)
    active = np.zeros((n, last - first + 1), dtype=bool)
    active[account, month - first] = True
    return days[:-1], active


def losses(active: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Return (lost, known), both (n, months, 12), for the cutoff at the start of each month.

    `lost[..., h - 1]`: three months without a booking start within the h months from the cutoff;
    `known`: that window lies within the data.
    """
    n, months = active.shape
    padded = np.concatenate([active, np.ones((n, HORIZONS + 2), dtype=bool)], axis=1)
    silent = ~(padded[:, :-2] | padded[:, 1:-1] | padded[:, 2:])
    starts = np.stack([silent[:, h : h + months] for h in range(HORIZONS)], axis=2)
    lost = np.logical_or.accumulate(starts, axis=2)
    closes = np.arange(months)[:, None] + np.arange(HORIZONS) + 3
    return lost, np.broadcast_to(closes <= months, (n, months, HORIZONS))


def eligible(active: BoolArray, month: int, n_days: IntArray) -> BoolArray:
    """Return who is judged at a month start: 3 demand days ever, one in the last 6 months."""
    recent = active[:, max(month - 6, 0) : month].any(axis=1)
    return np.asarray(recent & (n_days >= 3))
