"""Accounts that wait for the worker, claimed so that several workers share them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from services.signals.store.rows import add
from shared.store.base import EPOCH
from shared.store.tables import AccountFactsRow, AccountScoreRow

UNSCORED = -1
"""`scored_revision` of an account that was never scored."""


Among = Sequence[int] | None
"""Only these accounts; None for all."""


def welcome(
    connection: Connection,
    due: Callable[[datetime], datetime],
    limit: int,
    among: Among = None,
) -> int:
    """Give new accounts a row to be claimed by; returns how many there were.

    `due` says when an account is due for the first time, from its first event's time.
    """
    known = exists().where(AccountScoreRow.account_id == AccountFactsRow.account_id)
    fresh = connection.execute(
        select(AccountFactsRow.account_id, AccountFactsRow.first_event_at)
        .where(~known, _within(AccountFactsRow.account_id, among))
        .order_by(AccountFactsRow.account_id)
        .limit(limit)
    ).all()
    rows = [
        {
            "account_id": account,
            "scored_revision": UNSCORED,
            "due_at": due(first_event_at),
            "as_of": EPOCH,
            "state": "insufficient_data",
            "coverage": 0.0,
            "reasons": [],
            "lost": False,
            "model_version": "",
        }
        for account, first_event_at in fresh
    ]
    add(connection, AccountScoreRow, rows, ["account_id"])
    return len(fresh)


def schedule(connection: Connection, due_at: datetime) -> None:
    """Give accounts that the event clock left without one a next daily look."""
    connection.execute(
        update(AccountScoreRow).where(AccountScoreRow.due_at.is_(None)).values(due_at=due_at)
    )


def claim_dirty(
    connection: Connection, limit: int, *, after: int = 0, among: Among = None
) -> list[int]:
    """Lock accounts whose facts changed since they were scored; others' claims are passed by.

    In the order of their row ids, from the one after `after` on.
    """
    return list(
        connection.scalars(
            select(AccountScoreRow.account_id)
            .join(AccountFactsRow, AccountFactsRow.account_id == AccountScoreRow.account_id)
            .where(
                AccountFactsRow.revision > AccountScoreRow.scored_revision,
                AccountScoreRow.account_id > after,
                _within(AccountScoreRow.account_id, among),
            )
            .order_by(AccountScoreRow.account_id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=AccountScoreRow)
        )
    )


def claim_due(
    connection: Connection, now: datetime, limit: int, among: Among = None
) -> list[tuple[int, datetime]]:
    """Lock accounts whose daily look is due, those longest due first."""
    rows = connection.execute(
        select(AccountScoreRow.account_id, AccountScoreRow.due_at)
        .where(_is_due(now), _within(AccountScoreRow.account_id, among))
        .order_by(AccountScoreRow.due_at, AccountScoreRow.account_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    return [(row.account_id, row.due_at or now) for row in rows]


def anything_waits(connection: Connection, now: datetime) -> bool:
    """Return whether any account is new, dirty or due; cheap, and without locks."""
    known = exists().where(AccountScoreRow.account_id == AccountFactsRow.account_id)
    fresh = select(AccountFactsRow.account_id).where(~known).limit(1)
    if connection.scalar(fresh) is not None:
        return True
    dirty = (
        select(AccountScoreRow.account_id)
        .join(AccountFactsRow, AccountFactsRow.account_id == AccountScoreRow.account_id)
        .where(AccountFactsRow.revision > AccountScoreRow.scored_revision)
        .limit(1)
    )
    if connection.scalar(dirty) is not None:
        return True
    due = select(AccountScoreRow.account_id).where(_is_due(now)).limit(1)
    return connection.scalar(due) is not None


def due_count(connection: Connection, now: datetime) -> int:
    """Return how many accounts are due, claimed or not."""
    return (
        connection.scalar(select(func.count()).select_from(AccountScoreRow).where(_is_due(now)))
        or 0
    )


def lock_accounts(connection: Connection, ids: Sequence[int]) -> None:
    """Wait for these accounts' rows and hold them."""
    connection.execute(
        select(AccountScoreRow.account_id)
        .where(AccountScoreRow.account_id.in_(ids))
        .order_by(AccountScoreRow.account_id)
        .with_for_update()
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(AccountScoreRow.due_at <= now, AccountScoreRow.due_at.is_(None))


def _within(column: InstrumentedAttribute[int], among: Among) -> ColumnElement[bool]:
    return true() if among is None else column.in_(among)
