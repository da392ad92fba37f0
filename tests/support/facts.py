"""Facts for tests of the pure stages, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from services.signals.features.facts import (
    DAY_MICROS,
    SERVICE,
    SUMS,
    EventRef,
    EvidenceFact,
    Facts,
    Feed,
    Series,
)

SEA = Series("sea", "FCL", "VNHPH", "DEHAM", "/tms", "USD")


def booking_row(account: int, day: int, *, series: int = 0, effect: int | None = None, **sums: int):
    """Return one booking row; a confirmed booking unless `sums` say otherwise."""
    counted = {"demand": 1, "business": 1} | sums
    return account, day, day if effect is None else effect, series, counted


def facts_of(
    accounts: Sequence[str],
    rows: Sequence[tuple[int, int, int, int, dict[str, int]]],
    *,
    series: dict[int, Series] | None = None,
    evidence: Sequence[EvidenceFact] = (),
    feeds: Sequence[Feed] = (),
) -> Facts:
    """Return Facts with the rows in the promised order."""
    order = sorted(range(len(rows)), key=lambda at: rows[at][:4])
    ordered = [rows[at] for at in order]

    def column(place: int) -> np.ndarray:
        return np.array([row[place] for row in ordered], dtype=np.int64)

    service = np.full(len(ordered), None, dtype=object)
    for at, row in enumerate(ordered):
        if any(row[4].get(name, 0) > 0 for name in SERVICE):
            service[at] = EventRef("/tms", f"s{row[0]}-{row[2]}")

    return Facts(
        account_ids=tuple(accounts),
        account=column(0),
        series_id=column(3),
        day=column(1),
        effect_day=column(2),
        sums={
            name: np.array([row[4].get(name, 0) for row in ordered], dtype=np.int64)
            for name in SUMS
        },
        event_ids=np.array([f"b{row[0]}-{row[1]}" for row in ordered], dtype=object),
        service_events=service,
        series={0: SEA} if series is None else series,
        evidence=tuple(sorted(evidence, key=lambda one: (one.account, one.time, one.event))),
        feeds=tuple(feeds),
    )


def weekly(account: int, *, last: int, count: int, gap: int = 7):
    """Return `count` bookings, `gap` days apart, the last on day `last`."""
    return [booking_row(account, last - gap * back) for back in range(count)]


def told(account: int, kind: str, ref: str, day: float, /, **data: Any) -> EvidenceFact:
    """Return evidence at a day (fractions are hours)."""
    time = round(day * DAY_MICROS)
    phase = data.get("phase") or data.get("change") or "set"
    event = EventRef("/crm", f"{ref}-{phase}-{time}")
    return EvidenceFact(account, kind, ref, time, event, data)
