"""One account in full: score, reasons and facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from services.api.principal import Principal
from services.api.problems import not_found
from services.api.queries.accounts import account_columns, account_form
from services.api.queries.people import contacts, open_complaints
from services.api.queries.scope import visible, with_merged
from shared.store.changes import read_changes
from shared.store.tables import AccountRow, AccountScoreRow, EventRow, SeriesRow

EPOCH = date(1970, 1, 1)


def account_detail(connection: Connection, principal: Principal, account_id: str) -> dict[str, Any]:
    """Return the account with curve, reasons and facts; 404 when unknown or another KAM's."""
    score = AccountScoreRow
    row = connection.execute(
        account_columns()
        .add_columns(
            score.curve, score.base, score.band_floor, score.thresholds, score.model_version,
            AccountRow.id.label("row_id"), AccountRow.status, AccountRow.renewal_date,
        )
        .where(AccountRow.account_id == account_id, visible(principal))
    ).first()  # fmt: skip
    if row is None:
        raise not_found("account", account_id)
    ids = with_merged(connection, account_id, row.row_id)
    return account_form(row) | {
        "curve": row.curve,
        "reasons": row.reasons or [],
        "base": row.base,
        "band_floor": row.band_floor,
        "thresholds": row.thresholds,
        "model_version": row.model_version,
        "facts": account_facts(connection, ids, row.as_of),
    }


def account_facts(connection: Connection, ids: list[int], as_of: datetime | None) -> dict[str, Any]:
    """Return counts and lists of what is known; months without bookings are zeros up to `as_of`."""
    bookings = _business(connection, ids)
    months: Counter[str] = Counter()
    for (_, day), count in bookings.items():
        months[f"{EPOCH + timedelta(days=day):%Y-%m}"] += count
    months = Counter({month: count for month, count in months.items() if count})
    return {
        "bookings_total": sum(months.values()),
        "bookings_by_month": [
            {"month": month, "bookings": months[month]} for month in _months(months, as_of)
        ],
        "complaints_open": open_complaints(connection, ids),
        "contacts": contacts(connection, ids),
        "lanes": _lanes(connection, bookings),
    }


def _months(known: Iterable[str], as_of: datetime | None) -> list[str]:
    """Return every month from the first known one to the last that `as_of` has seen."""
    names = sorted(known)
    if not names:
        return []
    last = names[-1]
    if as_of is not None:
        last = max(last, f"{as_of - timedelta(microseconds=1):%Y-%m}")
    year, month = map(int, names[0].split("-"))
    found = []
    while (name := f"{year}-{month:02d}") <= last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found


def _business(connection: Connection, ids: list[int]) -> dict[tuple[int, int], int]:
    """Return the bookings per series and day; a day whose bookings were all cancelled has none."""
    event = EventRow
    blobs = connection.scalars(
        select(event.changes).where(event.account_id.in_(ids), event.changes.is_not(None))
    )
    changes, _ = read_changes(blobs.all())
    keys = np.stack([changes["series_id"], changes["day"]], axis=1)
    days, place = np.unique(keys, axis=0, return_inverse=True)
    counts = np.bincount(place.ravel(), weights=changes["business"], minlength=len(days))
    return {
        (int(series), int(day)): int(count)
        for (series, day), count in zip(days, counts, strict=True)
        if count
    }


def _lanes(connection: Connection, bookings: Mapping[tuple[int, int], int]) -> list[dict[str, Any]]:
    row = SeriesRow
    wanted = {series for series, _ in bookings}
    named = {
        series: (origin, destination, mode)
        for series, origin, destination, mode in connection.execute(
            select(row.id, row.origin, row.destination, row.mode).where(row.id.in_(wanted))
        )
    }
    counts: Counter[tuple[str, str, str]] = Counter()
    last: dict[tuple[str, str, str], int] = {}
    for (series, day), count in bookings.items():
        lane = named[series]
        counts[lane] += count
        last[lane] = max(day, last.get(lane, day))
    return [
        {
            "origin": lane[0] or None,
            "destination": lane[1] or None,
            "mode": lane[2] or None,
            "bookings": count,
            "last_booking_at": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=last[lane]),
        }
        for lane, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        if count
    ]
