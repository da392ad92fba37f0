"""One account in full: score, reasons and facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from services.api.principal import Principal
from services.api.problems import not_found
from services.api.queries.accounts import account_columns, account_form
from services.api.queries.people import contacts, open_complaints
from services.api.queries.scope import visible, with_merged
from shared.store.tables import AccountRow, AccountScoreRow, BookingDayRow, SeriesRow

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
    days = BookingDayRow
    business = func.sum(days.business)
    per_day = connection.execute(
        select(days.day, business)
        .where(days.account_id.in_(ids))
        .group_by(days.day)
        .having(business != 0)
    )
    months: Counter[str] = Counter()
    for day, bookings in per_day:
        months[f"{EPOCH + timedelta(days=day):%Y-%m}"] += int(bookings)
    return {
        "bookings_total": sum(months.values()),
        "bookings_by_month": [
            {"month": month, "bookings": months[month]} for month in _months(months, as_of)
        ],
        "complaints_open": open_complaints(connection, ids),
        "contacts": contacts(connection, ids),
        "lanes": _lanes(connection, ids),
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


def _lanes(connection: Connection, ids: list[int]) -> list[dict[str, Any]]:
    days, series = BookingDayRow, SeriesRow
    bookings = func.sum(days.business)
    rows = connection.execute(
        select(series.origin, series.destination, series.mode, bookings, func.max(days.day))
        .join(series, series.id == days.series_id)
        .where(days.account_id.in_(ids))
        .group_by(series.origin, series.destination, series.mode)
        .having(bookings != 0)
        .order_by(bookings.desc(), series.origin, series.destination, series.mode)
    )
    return [
        {
            "origin": origin or None,
            "destination": destination or None,
            "mode": mode or None,
            "bookings": int(count),
            "last_booking_at": datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=last),
        }
        for origin, destination, mode, count, last in rows
    ]
