"""Accounts that wait for the worker, claimed so that several workers share them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from services.signals.store.scores import NO_DATA
from shared.store.stalled import end_stalled
from shared.store.tables import AccountFactsRow, AccountScoreRow

UNSCORED = -1
"""`scored_revision` of an account that was never scored."""


Among = Sequence[int] | None
"""Only these accounts; None for all."""


def schedule(connection: Connection, due_at: datetime) -> None:
    """Give accounts that the event clock left without one a next daily look."""
    connection.execute(
        update(AccountScoreRow).where(AccountScoreRow.due_at.is_(None)).values(due_at=due_at)
    )


def score_again(connection: Connection, among: Among = None) -> None:
    """Let these accounts' facts count as changed since they were scored."""
    if among is None or among:
        connection.execute(
            update(AccountScoreRow)
            .where(within(AccountScoreRow.account_id, among))
            .values(scored_revision=UNSCORED)
        )


def look_again_at_silent(connection: Connection) -> bool:
    """Let the facts of accounts whose feed was silent count as changed; False without any."""
    changed = connection.execute(
        update(AccountScoreRow)
        .where(AccountScoreRow.state == NO_DATA)
        .values(scored_revision=UNSCORED)
    )
    return bool(changed.rowcount)


def claim_dirty(
    connection: Connection, now: datetime, limit: int, *, after: int = 0, among: Among = None
) -> list[int]:
    """Lock accounts whose facts changed since they were scored; others' claims are passed by.

    In the order of their row ids, from the one after `after` on. So is who is due at `now`: its
    days go first, and a look at the present would put them off.
    """
    return list(
        connection.scalars(
            select(AccountScoreRow.account_id)
            .join(AccountFactsRow, AccountFactsRow.account_id == AccountScoreRow.account_id)
            .where(
                AccountFactsRow.revision > AccountScoreRow.scored_revision,
                AccountScoreRow.account_id > after,
                or_(AccountScoreRow.due_at.is_(None), AccountScoreRow.due_at > now),
                within(AccountScoreRow.account_id, among),
            )
            .order_by(AccountScoreRow.account_id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=AccountScoreRow)
        )
    )


def claim_due(
    connection: Connection, now: datetime, limit: int, among: Among = None
) -> list[tuple[int, datetime]]:
    """Lock accounts whose daily look is due, those longest due first.

    Those without a day are not found: see `schedule`.
    """
    rows = connection.execute(
        select(AccountScoreRow.account_id, AccountScoreRow.due_at)
        .where(AccountScoreRow.due_at <= now, within(AccountScoreRow.account_id, among))
        .order_by(AccountScoreRow.due_at, AccountScoreRow.account_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    return [(row.account_id, row.due_at or now) for row in rows]


def overdue(
    connection: Connection, ids: Sequence[int], midnight: datetime
) -> dict[int, datetime | None]:
    """Return when those of these accounts are due that have not seen a midnight; None: undated.

    Whoever asks holds them.
    """
    rows = connection.execute(
        select(AccountScoreRow.account_id, AccountScoreRow.due_at).where(
            AccountScoreRow.account_id.in_(ids), _is_due(midnight)
        )
    )
    return {row.account_id: row.due_at for row in rows}


def due_count(connection: Connection, now: datetime) -> int:
    """Return how many accounts are due, claimed or not."""
    return (
        connection.scalar(select(func.count()).select_from(AccountScoreRow).where(_is_due(now)))
        or 0
    )


def lock_accounts(connection: Connection, ids: Sequence[int]) -> None:
    """Wait for these accounts' rows and hold them."""
    if not ids:
        return
    connection.execute(
        select(AccountScoreRow.account_id)
        .where(AccountScoreRow.account_id.in_(ids))
        .order_by(AccountScoreRow.account_id)
        .with_for_update()
    )


def hold_free(connection: Connection, ids: Collection[int]) -> frozenset[int]:
    """Hold those of these accounts that nobody else holds; return the others."""
    rows = select(AccountScoreRow.account_id).where(AccountScoreRow.account_id.in_(ids))
    ordered = rows.order_by(AccountScoreRow.account_id)
    held = set(connection.scalars(ordered.with_for_update(skip_locked=True)))
    others = frozenset(connection.scalars(rows)) - held
    if others:
        end_stalled(connection)
    return others


def _is_due(now: datetime) -> ColumnElement[bool]:
    return or_(AccountScoreRow.due_at <= now, AccountScoreRow.due_at.is_(None))


def within(column: InstrumentedAttribute[int], among: Among) -> ColumnElement[bool]:
    """Return the condition that a row id is one of these."""
    return true() if among is None else column.in_(among)
