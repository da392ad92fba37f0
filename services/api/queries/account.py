"""One account in full: score, reasons and facts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, select

from services.api.principal import Principal
from services.api.problems import not_found
from services.api.queries.accounts import account_columns, account_forms
from services.api.queries.imports import stale_import
from services.api.queries.people import contacts, open_complaints
from services.api.queries.scope import merge_of, visible, with_merged
from services.api.quiet_feeds import told_reasons
from shared.domain.rates import Worth
from shared.store.changes import read_changes
from shared.store.driver import driver_rows
from shared.store.tables import AccountRow, AccountScoreRow, SeriesRow

CHANGES = "SELECT changes FROM event WHERE account_id {ids} AND changes IS NOT NULL"


def account_detail(
    connection: Connection,
    principal: Principal,
    account_id: str,
    worth: Worth,
    wall: datetime | None,
) -> dict[str, Any]:
    """Return the account with curve, reasons and facts; 404 when unknown or another KAM's.

    `wall` is the present; None on the event clock.
    """
    score = AccountScoreRow
    row = connection.execute(
        account_columns()
        .add_columns(
            score.curve, score.base, score.thresholds, score.model_version, AccountRow.renewal_date,
        )
        .where(AccountRow.account_id == account_id, visible(principal))
    ).first()  # fmt: skip
    if row is None:
        raise not_found("account", account_id)
    ids = with_merged(connection, account_id, row.row_id)
    merge = merge_of(connection, account_id)
    (form,) = account_forms(connection, [row], worth)
    return form | {
        "merged_into": merge and merge.into,
        "stale_import": stale_import(connection, wall, ids),
        "renewal_date": row.renewal_date and date.fromisoformat(row.renewal_date),
        "curve": row.curve,
        "reasons": told_reasons(row.reasons or [], row.last_booking_at, form["explained_by"]),
        "base": row.base,
        "thresholds": row.thresholds,
        "model_version": row.model_version,
        "facts": account_facts(connection, ids, row.as_of),
    }


def account_facts(connection: Connection, ids: list[int], as_of: datetime | None) -> dict[str, Any]:
    """Return counts and lists of what is known; months without bookings are zeros up to `as_of`."""
    bookings = _business(connection, ids)
    month = bookings.day.astype("datetime64[D]").astype("datetime64[M]")
    names, place = np.unique(month, return_inverse=True)
    counts = np.bincount(place, weights=bookings.business, minlength=names.size)
    months = {str(n): int(c) for n, c in zip(names, counts, strict=True) if c}
    return {
        "bookings_total": sum(months.values()),
        "bookings_by_month": [
            {"month": month, "bookings": months.get(month, 0)} for month in _months(months, as_of)
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


class Bookings(NamedTuple):
    """Bookings per series and day (since 1970), sorted by both; one without any is left out."""

    series: npt.NDArray[np.int64]
    day: npt.NDArray[np.int64]
    business: npt.NDArray[np.int64]


def _business(connection: Connection, ids: list[int]) -> Bookings:
    """Add up what the accounts' events changed."""
    changes, _ = read_changes([blob for (blob,) in driver_rows(connection, CHANGES, ids)])
    key = changes["series_id"].astype(np.int64) << 32 | changes["day"]
    keys, place = np.unique(key, return_inverse=True)
    count = np.bincount(place, weights=changes["business"], minlength=keys.size).astype(np.int64)
    kept = keys[count != 0]
    return Bookings(kept >> 32, kept & 0xFFFFFFFF, count[count != 0])


def _lanes(connection: Connection, bookings: Bookings) -> list[dict[str, Any]]:
    row = SeriesRow
    series, starts = np.unique(bookings.series, return_index=True)
    if not series.size:
        return []
    counts = np.add.reduceat(bookings.business, starts).tolist()
    last = np.maximum.reduceat(bookings.day, starts).tolist()
    found = connection.execute(
        select(row.id, row.origin, row.destination, row.mode).where(row.id.in_(series.tolist()))
    )
    named = {series_id: tuple(lane) for series_id, *lane in found}
    lanes: dict[tuple[str, ...], tuple[int, int]] = {}
    for series_id, count, day in zip(series.tolist(), counts, last, strict=True):
        before, newest = lanes.get(named[series_id], (0, day))
        lanes[named[series_id]] = before + count, max(newest, day)
    return [
        {
            "origin": lane[0] or None,
            "destination": lane[1] or None,
            "mode": lane[2] or None,
            "bookings": count,
            "last_booking_at": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day),
        }
        for lane, (count, day) in sorted(lanes.items(), key=lambda item: (-item[1][0], item[0]))
        if count
    ]
