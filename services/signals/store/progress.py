"""How far evaluation has come: one row."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, update

from services.signals.features.facts import DAY_MICROS
from services.signals.store.rows import add
from shared.domain.event_types import EventType
from shared.store.base import to_micros
from shared.store.tables import FeedRow, SignalsProgressRow


class Progress(NamedTuple):
    """The row; times in microseconds, days since 1970."""

    evaluated_day: int | None
    watermark: int | None
    complete_as_of: int | None
    actions_seen: int
    run_actions_seen: int


def read_progress(connection: Connection, *, lock: bool = False) -> Progress:
    """Return the progress, making the row at first; `lock` holds it until the commit."""
    table = SignalsProgressRow
    statement = select(
        table.evaluated_day,
        table.watermark,
        table.complete_as_of,
        table.actions_seen,
        table.run_actions_seen,
    )
    if lock:
        add(connection, table, [{"id": 1, "actions_seen": 0, "run_actions_seen": 0}], ["id"])
        statement = statement.with_for_update()
    row = connection.execute(statement).one_or_none()
    if row is None:
        return Progress(None, None, None, 0, 0)
    return Progress(
        row.evaluated_day,
        None if row.watermark is None else to_micros(row.watermark),
        None if row.complete_as_of is None else to_micros(row.complete_as_of),
        row.actions_seen,
        row.run_actions_seen,
    )


def advance(connection: Connection, **values: Any) -> None:
    """Set columns of the row."""
    connection.execute(update(SignalsProgressRow).values(**values))


def first_event_day(connection: Connection) -> int | None:
    """Return the day of the first event; master data alone is no beginning."""
    first = connection.scalar(
        select(func.min(FeedRow.first_event_at)).where(FeedRow.type_id != EventType.ACCOUNT)
    )
    return None if first is None else to_micros(first) // DAY_MICROS
