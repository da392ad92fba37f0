"""Realised warnings, summed up and one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, select

from services.api.paging import Page, Question, make_cursor, read_cursor
from services.api.principal import Principal
from services.api.queries.scope import visible
from shared.domain.warnings import METHODS, Loss, months_before, performance
from shared.store.base import from_micros, to_micros
from shared.store.moment import DAY_MICROS
from shared.store.tables import AccountRow, WarningOutcomeRow

_TABLE = WarningOutcomeRow


class WarningFilter(NamedTuple):
    """Which warnings, by when the silence was obvious."""

    start: datetime | None = None
    end: datetime | None = None
    outcome: str | None = None


def warning_performance(
    connection: Connection, principal: Principal, wanted: WarningFilter, page: Page
) -> dict[str, Any]:
    """Return the sums over all that is asked for, and one page of the items."""
    # Ordered here: databases sort text each in its own way.
    rows = sorted(connection.execute(_asked(principal, wanted)), key=_key)
    losses = [_loss(row) for row in rows if row.outcome == "lost"]
    items = [row for row in rows if wanted.outcome in {None, row.outcome}]
    question = Question("warnings", tuple(wanted))
    after = read_cursor(page.cursor, question, (str, str))
    if after is not None:
        items = [row for row in items if [row.account, row.episode] > after]
    kept = items[: page.limit]
    more = len(items) > page.limit
    return {
        "items": [_form(row) for row in kept],
        "next_cursor": make_cursor(question, kept[-1].account, kept[-1].episode) if more else None,
        "saved": sum(row.outcome == "saved" for row in rows),
        "methods": [
            {"method": method, **performance(losses, method)._asdict()} for method in METHODS
        ],
    }


def _asked(principal: Principal, wanted: WarningFilter) -> Select[Any]:
    statement = (
        select(*_TABLE.__table__.columns, AccountRow.account_id.label("account"))
        .join(AccountRow, AccountRow.id == _TABLE.account_id)
        .where(visible(principal))
    )
    if wanted.start is not None:
        # A day counts from its midnight: what was obvious at or after the moment.
        first = -(-to_micros(wanted.start) // DAY_MICROS)
        statement = statement.where(_TABLE.obvious_day >= first)
    if wanted.end is not None:
        statement = statement.where(_TABLE.obvious_day < -(-to_micros(wanted.end) // DAY_MICROS))
    return statement


def _key(row: Any) -> tuple[str, str]:
    return row.account, row.episode


def _loss(row: Any) -> Loss:
    return Loss(
        row.last_booking_day, row.obvious_day, row.warned_day, row.random_day, row.recency_day
    )


def _form(row: Any) -> dict[str, Any]:
    return {
        "account_id": row.account,
        "outcome": row.outcome,
        "alert_id": row.alert_id,
        "warned_at": None if row.warned_day is None else _moment(row.warned_day),
        "last_booking_at": _moment(row.last_booking_day),
        "obvious_at": _moment(row.obvious_day),
        "months_to_last_booking": months_before(row.warned_day, row.last_booking_day),
        "months_to_obvious": months_before(row.warned_day, row.obvious_day),
    }


def _moment(day: int) -> datetime:
    return from_micros(day * DAY_MICROS)
