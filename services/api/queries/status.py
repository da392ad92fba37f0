"""How far each stage has come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, func, or_, select

from services.api.queries.imports import stale_import
from services.api.queries.reached import SHOWN_MICROS, intake_reached
from services.api.queries.sources import has_synthetic
from shared.store.base import to_micros
from shared.store.moment import DAY_MICROS, shared_micros
from shared.store.partitions import LOGLESS, read_partitions
from shared.store.tables import (
    AccountFactsRow,
    AccountRow,
    AccountScoreRow,
    ConsumerOffsetRow,
    DeadLetterRow,
    IngestOutboxRow,
    SignalOutboxRow,
    SignalsProgressRow,
)


def status(
    connection: Connection, now: datetime, clock: Literal["wall", "event"]
) -> dict[str, Any]:
    """Return the status of ingest, signals, outbox and dead letters."""
    progress = connection.execute(select(SignalsProgressRow.__table__)).first()
    return {
        "ingest": _ingest(connection, now),
        "signals": {
            "pending_accounts": _pending(connection, now, clock, progress),
            "watermark": _watermark(connection, now, clock, progress),
        },
        "outbox": {"pending": outbox_pending(connection)},
        "dead_letters": {"pending": dead_letters_pending(connection)},
        "synthetic": has_synthetic(connection),
        "stale_import": stale_import(connection, now if clock == "wall" else None),
    }


def _watermark(
    connection: Connection, now: datetime, clock: Literal["wall", "event"], progress: Any
) -> datetime | None:
    if clock == "wall":
        return intake_reached(connection, now)
    return progress.watermark if progress else None


def outbox_pending(connection: Connection) -> int:
    """Return how many events wait to leave."""
    return _count(connection, SignalOutboxRow) + _count(connection, IngestOutboxRow)


def dead_letters_pending(connection: Connection) -> int:
    """Return how many dead letters were not accepted yet."""
    return _count(connection, DeadLetterRow, DeadLetterRow.waits())


def _ingest(connection: Connection, now: datetime) -> dict[str, Any]:
    total = connection.scalar(
        select(func.sum(ConsumerOffsetRow.records_total)).where(
            ConsumerOffsetRow.cluster_id.not_in(LOGLESS)
        )
    )
    rows = [row for row in read_partitions(connection) if row.end_offset is not None]
    records = seconds = None
    present = shared_micros(connection, to_micros(now))
    if rows and all(row.fresh(present, SHOWN_MICROS) for row in rows):
        records = sum(max(0, (row.end_offset or 0) - row.next_offset) for row in rows)
        seconds = max(row.lag_seconds or 0.0 for row in rows)
    return {"lag_records": records, "lag_seconds": seconds, "records_total": int(total or 0)}


def _pending(
    connection: Connection, now: datetime, clock: Literal["wall", "event"], progress: Any
) -> int:
    """Count accounts with new facts or a look before midnight, and every evaluation day due."""
    facts, score = AccountFactsRow, AccountScoreRow
    due = or_(score.scored_revision.is_(None), facts.revision > score.scored_revision)
    if clock == "wall":
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        due = or_(due, score.due_at < midnight)
    pending = connection.scalar(
        select(func.count())
        .select_from(facts)
        .join(AccountRow, AccountRow.id == facts.account_id)
        .outerjoin(score, score.account_id == facts.account_id)
        .where(due, AccountRow.merged_into.is_(None))
    )
    if clock == "wall" or progress is None or progress.watermark is None:
        return int(pending or 0)
    reached = to_micros(progress.watermark) // DAY_MICROS
    days = reached - progress.evaluated_day if progress.evaluated_day is not None else 0
    return int(pending or 0) + max(0, days) * _count(connection, AccountRow)


def _count(connection: Connection, table: Any, *conditions: Any) -> int:
    return int(connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0)
