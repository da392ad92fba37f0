"""Measurements of the scores in use: what was told, what the challenger would have said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, String, and_, cast, select
from sqlalchemy.dialects import postgresql, sqlite

from services.signals.features.facts import DAY_MICROS
from services.signals.store.rows import add, put, table_of
from shared.store.base import from_micros, to_micros
from shared.store.tables import ModelReportRow, ShadowScoreRow, SignalRow

CLAIMED: Mapping[str, Any] = {}
"""The report of a day on which somebody is still at work."""
GIVEN_UP = timedelta(minutes=20)
"""A report over 100,000 accounts takes half a minute of a processor, at the lowest priority."""
BLOCK = 200
"""Accounts of one statement: of 500, PostgreSQL asked parallel workers and took thrice as long."""


def claim_report(connection: Connection, kind: str, day: int, now: datetime) -> bool:
    """Take a day's report on; False when it is made, or another process makes it.

    One that was claimed long ago is taken over: whoever claimed it was ended or failed.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = {"kind": kind, "day": day, "made_at": now, "report": dict(CLAIMED)}
    table = table_of(ModelReportRow)
    given_up = and_(table.c.made_at < now - GIVEN_UP, cast(table.c.report, String) == "{}")
    statement = (
        dialect.insert(table)
        .values(**row)
        .on_conflict_do_update(
            index_elements=["kind", "day"], set_={"made_at": now}, where=given_up
        )
    )
    return connection.execute(statement.returning(table.c.day)).first() is not None


def put_report(
    connection: Connection, kind: str, day: int, report: Mapping[str, Any], now: datetime
) -> None:
    """Store a day's report."""
    row = {"kind": kind, "day": day, "made_at": now, "report": dict(report)}
    put(connection, ModelReportRow, [row])


def latest_report(connection: Connection, kind: str) -> Mapping[str, Any] | None:
    """Return the latest report of a kind; None before the first."""
    table = ModelReportRow
    rows = connection.execute(
        select(table.report).where(table.kind == kind).order_by(table.day.desc()).limit(2)
    )
    return next((row.report for row in rows if row.report), None)


def told_risks(
    connection: Connection, ids: Sequence[int], days: Sequence[int]
) -> list[tuple[int, int, float]]:
    """Return (account row id, day, risk) of the stored signals as of these days' midnights.

    Block by block of accounts, which the index on account and moment serves: the table is never
    pruned, and one statement over all of it would come to take longer than it may.
    """
    table = SignalRow
    moments = [from_micros(day * DAY_MICROS) for day in days]
    wanted = select(table.account_id, table.as_of, table.risk).where(
        table.as_of.in_(moments), table.risk.is_not(None), table.state == "scored"
    )
    ordered = sorted(ids)
    return [
        (account, to_micros(as_of) // DAY_MICROS, float(risk))
        for at in range(0, len(ordered), BLOCK)
        for account, as_of, risk in connection.execute(
            wanted.where(table.account_id.in_(ordered[at : at + BLOCK])).order_by(
                table.account_id, table.as_of
            )
        )
        if risk is not None
    ]


def shadow_risks(
    connection: Connection, version: str, days: Sequence[int]
) -> list[tuple[int, int, float]]:
    """Return (account row id, day, risk) that a challenger gave on these days."""
    table = ShadowScoreRow
    rows = connection.execute(
        select(table.account_id, table.day, table.risk)
        .where(table.version == version, table.day.in_(days))
        .order_by(table.account_id, table.day)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def has_shadow(connection: Connection, version: str, day: int) -> bool:
    """Return whether a challenger's scores of a day are stored."""
    table = ShadowScoreRow
    found = select(table.account_id).where(table.version == version, table.day == day).limit(1)
    return connection.scalar(found) is not None


def add_shadow(connection: Connection, version: str, day: int, risks: Mapping[int, float]) -> None:
    """Store a challenger's risks by account row id."""
    rows = [
        {"version": version, "day": day, "account_id": account, "risk": risk}
        for account, risk in risks.items()
    ]
    add(connection, ShadowScoreRow, rows, ["version", "day", "account_id"])
