"""The history of churn-risk alerts, and the realised warnings that were recorded from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, select

from services.signals.alerting.alert import Action
from services.signals.alerting.realised import Episode, Span
from services.signals.features.facts import DAY_MICROS
from services.signals.store.alerts import read_actions
from services.signals.store.rows import add
from shared.domain.warnings import Loss
from shared.store.base import to_micros
from shared.store.tables import AccountScoreRow, AlertRow, WarningOutcomeRow


def alert_spans(connection: Connection, ids: Sequence[int]) -> dict[int, list[Span]]:
    """Return the opened churn-risk alerts by index into `ids`, in order of opening.

    An alert ends when the machine or a person resolved it, or when it expired untouched, on
    itself and on its runs.
    """
    place = {account: at for at, account in enumerate(ids)}
    alert = AlertRow
    acts: dict[str, list[Action]] = defaultdict(list)
    for done in chain.from_iterable(read_actions(connection, ids).values()):
        acts[done.alert_id].append(done)
    found: dict[int, list[Span]] = defaultdict(list)
    for row in connection.execute(
        select(
            alert.alert_id, alert.account_id, alert.opened_at, alert.resolved_at, alert.outcome,
            alert.expires_at,
        )
        .where(alert.type == "churn_risk", alert.opened_at.is_not(None))
        .order_by(alert.opened_at, alert.alert_id)
    ):  # fmt: skip
        if row.account_id in place:
            found[place[row.account_id]].append(_span(row, acts[row.alert_id]))
    return found


def _span(row: Any, acts: Sequence[Action]) -> Span:
    closed = next((one for one in acts if one.kind == "resolve"), None)
    expires = None if row.expires_at is None else to_micros(row.expires_at)
    if expires is not None and any(one.at < expires for one in acts):
        expires = None  # somebody attends to it
    by_hand = None if closed is None else closed.at
    by_itself = None if row.resolved_at is None else to_micros(row.resolved_at)
    ends = [one for one in (by_hand, by_itself, expires) if one is not None]
    return Span(
        row.alert_id,
        to_micros(row.opened_at) // DAY_MICROS,
        min(ends) // DAY_MICROS if ends else None,
        row.outcome if closed is None else closed.outcome,
    )


def add_episodes(
    connection: Connection, ids: Sequence[int], episodes: Sequence[Episode], now: datetime
) -> None:
    """Record losses and rescues; what is recorded stays as it is."""
    rows = [
        {
            "account_id": ids[one.account],
            "episode": one.name,
            "outcome": one.outcome,
            "alert_id": one.alert_id,
            "last_booking_day": one.loss.last_booking_day,
            "obvious_day": one.loss.obvious_day,
            "warned_day": one.loss.leadline,
            "random_day": one.loss.random,
            "recency_day": one.loss.recency,
            "noted_at": now,
        }
        for one in episodes
    ]
    add(connection, WarningOutcomeRow, rows, ["account_id", "episode"])


def lost_accounts(connection: Connection) -> set[int]:
    """Return the row ids of the accounts whose score says lost; a silent feed's do not."""
    table = AccountScoreRow
    return set(connection.scalars(select(table.account_id).where(table.state == "lost")))


def known_episodes(connection: Connection) -> set[tuple[int, str]]:
    """Return what is recorded, as (account row id, episode)."""
    table = WarningOutcomeRow
    return {(row[0], row[1]) for row in connection.execute(select(table.account_id, table.episode))}


def recorded_losses(connection: Connection) -> tuple[list[Loss], int]:
    """Return every recorded loss, and how many accounts were saved."""
    table = WarningOutcomeRow
    rows = connection.execute(
        select(
            table.outcome, table.last_booking_day, table.obvious_day, table.warned_day,
            table.random_day, table.recency_day,
        )
    ).all()  # fmt: skip
    losses = [Loss(*row[1:]) for row in rows if row.outcome == "lost"]
    return losses, len(rows) - len(losses)
