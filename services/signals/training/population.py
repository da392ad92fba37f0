"""A population of an event file as facts, and its account-months with labels."""

from __future__ import annotations

import csv
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.signals.features.facts import SUMS, EvidenceFact, Facts, IntArray, Series
from services.signals.features.history import DemandDays
from services.signals.hazard.interface import HORIZONS, BoolArray, FloatArray


@dataclass(frozen=True)
class Population:
    """The bookings of a set of accounts, by calendar month."""

    name: str
    facts: Facts
    digest: str  # SHA-256 of the uncompressed file; of the facts' names and days without one
    months: IntArray  # days of the month starts, from the first event's month to the end
    active: BoolArray  # (n, len(months)) any demand day in the month; only complete months

    @property
    def span(self) -> tuple[str, str]:
        """Return the first and the last complete month."""
        labels = self.month_names
        return labels[0], labels[-1]

    @property
    def month_names(self) -> list[str]:
        """Return the months as `2016-01`."""
        labels = self.months.astype("datetime64[D]").astype("datetime64[M]").astype(str)
        return [str(label) for label in labels]


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
    ids, account = np.unique([row[0] for row in rows], return_inverse=True)
    day = np.array([row[1] for row in rows], dtype="datetime64[D]").astype(np.int64)
    amount = np.array([row[2] for row in rows])
    facts = booking_facts(tuple(ids.tolist()), account, day, amount)
    return population_of(facts, path.name.split(".")[0], hashlib.sha256(raw).hexdigest())


def population_of(facts: Facts, name: str, digest: str = "", end: int | None = None) -> Population:
    """Return facts by calendar month; `end` is the day after the last complete month.

    Without `end` the month of the last booking is taken as complete. What is booked and later
    cancelled counts as it stands in the facts.
    """
    demand = DemandDays(facts)
    last = int(facts.day.max()) + 1 if facts.day.size else 0
    past = demand.as_of(last if end is None else end)
    account = np.repeat(np.arange(len(facts.account_ids)), past.n_days)
    months, active = _monthly_activity(account, past.days, len(facts.account_ids), end)
    return Population(name, facts, digest, months, active)


def booking_facts(
    ids: tuple[str, ...],
    account: IntArray,
    day: IntArray,
    amount: FloatArray,
    *,
    late: BoolArray | None = None,
    evidence: tuple[EvidenceFact, ...] = (),
) -> Facts:
    """Return facts with one row per account and day; the amount is the volume, whatever its unit.

    Amounts that are mostly missing or zero are no unit: then the bookings are the volume. Entries
    that are `late` are deliveries beyond their time instead of bookings, without an amount.
    """
    key, at = np.unique(account * 1_000_000 + day, return_inverse=True)
    behind = np.zeros(at.size, dtype=bool) if late is None else late
    sums = {name: np.zeros(key.size, dtype=np.int64) for name in SUMS}
    sums["demand"] = sums["business"] = np.bincount(at[~behind], minlength=key.size)
    sums["delivered"] = sums["late"] = np.bincount(at[behind], minlength=key.size)
    total = np.bincount(at, weights=np.clip(np.nan_to_num(amount), 0, 1e12), minlength=key.size)
    sums["trips"] = np.rint(total * 1000).astype(np.int64)
    return Facts(
        account_ids=ids,
        account=key // 1_000_000,
        series_id=np.zeros(key.size, dtype=np.int64),
        day=key % 1_000_000,
        effect_day=key % 1_000_000,
        sums=sums,
        event_ids=np.full(key.size, "", dtype=object),
        series={0: Series("road", "", "", "", "file", "")},
        evidence=evidence,
        feeds=(),
    )


def _monthly_activity(
    account: IntArray, day: IntArray, n: int, end: int | None
) -> tuple[IntArray, BoolArray]:
    if not day.size:
        return np.zeros(0, dtype=np.int64), np.zeros((n, 0), dtype=bool)
    month = month_of(day)
    first = int(month.min())
    last = int(month.max()) if end is None else int(month_of(np.array([end]))[0]) - 1
    active = np.zeros((n, max(last - first + 1, 0)), dtype=bool)
    complete = month <= last
    active[account[complete], month[complete] - first] = True
    starts = np.arange(first, last + 1).astype("datetime64[M]").astype("datetime64[D]")
    return starts.astype(np.int64), active


def month_of(day: IntArray) -> IntArray:
    """Return calendar months since 1970."""
    return day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


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
