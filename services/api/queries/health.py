"""Figures for Prometheus, read when somebody scrapes."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    case,
    func,
    select,
    text,
    true,
    type_coerce,
)

from services.api.queries.alert_state import ONGOING, STATE, TOLD
from services.api.queries.margin import reporting_margin
from services.api.queries.moment import moment_of
from shared.domain.alerts import LIVE_STATES
from shared.domain.rates import Worth
from shared.store.session import Database
from shared.store.tables import (
    AccountRow,
    AccountScoreRow,
    AlertRow,
    PlaybookRunRow,
    RunActionRow,
)


class AccountHealth(NamedTuple):
    """One account's figures; None where not known."""

    row_id: int
    account_id: str
    name: str | None
    kam_id: str | None
    tier: str | None
    risk: float | None
    early_warning_months: int | None
    margin_at_risk: float | None  # in the reporting currency
    last_booking: int | None  # microseconds
    open_alerts: int = 0


def account_health(
    connection: Connection, now: datetime, limit: int, worth: Worth
) -> list[AccountHealth]:
    """Return the scored accounts, those with the highest margin at risk first.

    Whose margin at risk is not known, for want of a rate, comes after them by risk alone.
    """
    score, margin = AccountScoreRow, reporting_margin(worth)
    rows = connection.execute(
        select(
            AccountRow.id,
            AccountRow.account_id,
            AccountRow.name,
            AccountRow.kam_id,
            AccountRow.tier,
            score.risk,
            score.early_warning_months,
            margin,
            type_coerce(score.last_booking_at, BigInteger),
        )
        .join(score, score.account_id == AccountRow.id)
        .order_by(
            func.coalesce(margin, 0.0).desc(), func.coalesce(score.risk, -1.0).desc(), AccountRow.id
        )
        .limit(limit)
    ).all()
    alerts = _open_alerts(connection, now)
    return [AccountHealth(*row, alerts.get(row.id, 0)) for row in rows]


def _open_alerts(connection: Connection, now: datetime) -> dict[int, int]:
    """Return how many alerts are live, by account; joined, PostgreSQL compares each with each."""
    rows = connection.execute(
        select(AlertRow.account_id, func.count())
        .join(moment_of(now), true())
        .where(ONGOING, STATE.in_(LIVE_STATES))
        .group_by(AlertRow.account_id)
    )
    return {account: int(count) for account, count in rows}


def scored_accounts(connection: Connection) -> int:
    """Return how many accounts have a score."""
    return int(connection.scalar(select(func.count()).select_from(AccountScoreRow)) or 0)


def accounts_by_band(connection: Connection) -> dict[str, int]:
    """Return counts of accounts by band; `none` where no band is given."""
    band = func.coalesce(AccountScoreRow.band, "none")
    rows = connection.execute(select(band, func.count()).group_by(band))
    return {name: int(count) for name, count in rows}


def alerts_by_state(connection: Connection, now: datetime) -> dict[tuple[str, str], int]:
    """Return counts of alerts by type and state."""
    stated = (
        select(AlertRow.type.label("type"), STATE.label("state"))
        .select_from(AlertRow)
        .join(moment_of(now), true())
        .where(TOLD)
        .subquery()
    )
    rows = connection.execute(
        select(stated.c.type, stated.c.state, func.count()).group_by(stated.c.type, stated.c.state)
    )
    return {(kind, state): int(count) for kind, state, count in rows}


def runs_by_state(connection: Connection) -> dict[tuple[str, str], int]:
    """Return counts of runs by playbook and state."""
    act = RunActionRow
    closed = select(act.run_id).where(act.kind == "close").distinct().subquery()
    state = case((closed.c.run_id.is_(None), "active"), else_="closed").label("state")
    stated = (
        select(PlaybookRunRow.playbook, state)
        .outerjoin(closed, closed.c.run_id == PlaybookRunRow.run_id)
        .subquery()
    )
    rows = connection.execute(
        select(stated.c.playbook, stated.c.state, func.count()).group_by(
            stated.c.playbook, stated.c.state
        )
    )
    return {(playbook, state): int(count) for playbook, state, count in rows}


def database_answers(database: Database) -> None:
    """Ask the database for the simplest thing; raises what it raises."""
    with database.read() as connection:
        connection.execute(text("SELECT 1"))
