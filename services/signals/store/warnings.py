"""The history of churn-risk alerts, and the realised warnings that were recorded from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from services.signals.alerting.realised import Episode, Span
from services.signals.features.facts import DAY_MICROS
from services.signals.store.rows import add
from shared.domain.warnings import Loss
from shared.store.base import to_micros
from shared.store.tables import AccountScoreRow, AlertActionRow, AlertRow, WarningOutcomeRow


def alert_spans(connection: Connection, ids: Sequence[int]) -> dict[int, list[Span]]:
    """Return the opened churn-risk alerts by index into `ids`, in order of opening.

    An alert ends when the machine or a person resolved it, or when it expired untouched.
    """
    place = {account: at for at, account in enumerate(ids)}
    alert, act = AlertRow, AlertActionRow
    acts: dict[str, list[Any]] = defaultdict(list)
    for done in connection.execute(
        select(act.alert_id, act.kind, act.at, act.outcome).order_by(act.id)
    ):
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
        if row.account_id not in place:
            continue
        by_people = acts[row.alert_id]
        closed = next((one for one in by_people if one.kind == "resolve"), None)
        expired = row.expires_at if not by_people else None
        ends = [one for one in (closed and closed.at, row.resolved_at, expired) if one is not None]
        found[place[row.account_id]].append(
            Span(
                row.alert_id,
                to_micros(row.opened_at) // DAY_MICROS,
                min(map(to_micros, ends)) // DAY_MICROS if ends else None,
                closed.outcome if closed is not None else row.outcome,
            )
        )
    return found


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
