"""The account's events in order, and the history of its score."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, and_, or_, select, type_coerce

from services.api.paging import Page, Question, make_cursor, read_cursor
from services.api.principal import Principal
from services.api.queries.accounts import points
from services.api.queries.scope import account_row_id, with_merged
from services.api.summaries import summary
from shared.domain.event_types import EventType
from shared.store.base import to_micros
from shared.store.tables import EventRow, SignalRow, SourceRow


class Span(NamedTuple):
    """Which events: times in [start, end), one type."""

    start: datetime | None = None
    end: datetime | None = None
    type: EventType | None = None


def timeline_page(
    connection: Connection, principal: Principal, account_id: str, span: Span, page: Page
) -> dict[str, Any]:
    """Return one page of events, oldest first."""
    row_id = account_row_id(connection, principal, account_id)
    event = EventRow
    micros = type_coerce(event.time, BigInteger)
    statement = (
        select(
            event.seq, event.event_id, SourceRow.uri, event.type_id, event.time, event.data,
            micros.label("micros"),
        )
        .join(SourceRow, SourceRow.id == event.source_id)
        .where(event.account_id.in_(with_merged(connection, account_id, row_id)))
    )  # fmt: skip
    if span.start is not None:
        statement = statement.where(micros >= to_micros(span.start))
    if span.end is not None:
        statement = statement.where(micros < to_micros(span.end))
    if span.type is not None:
        statement = statement.where(event.type_id == int(span.type))
    question = Question("timeline", (account_id, *span))
    after = read_cursor(page.cursor, question, (int, int))
    if after is not None:
        statement = statement.where(
            or_(micros > after[0], and_(micros == after[0], event.seq > after[1]))
        )
    rows = connection.execute(statement.order_by(micros, event.seq).limit(page.limit + 1)).all()
    kept = rows[: page.limit]
    last = kept[-1] if len(rows) > page.limit else None
    return {
        "items": [
            {
                "id": row.event_id,
                "source": row.uri,
                "type": EventType(row.type_id).topic,
                "time": row.time,
                "summary": summary(EventType(row.type_id), row.data),
            }
            for row in kept
        ],
        "next_cursor": last and make_cursor(question, last.micros, last.seq),
    }


def signal_page(
    connection: Connection, principal: Principal, account_id: str, page: Page
) -> dict[str, Any]:
    """Return one page of the score's history, oldest first."""
    row_id = account_row_id(connection, principal, account_id)
    signal = SignalRow
    micros = type_coerce(signal.as_of, BigInteger)
    statement = select(signal.__table__, micros.label("micros")).where(signal.account_id == row_id)
    question = Question("signals", (account_id,))
    after = read_cursor(page.cursor, question, (int,))
    if after is not None:
        statement = statement.where(micros > after[0])
    rows = connection.execute(statement.order_by(micros).limit(page.limit + 1)).all()
    kept = rows[: page.limit]
    last = kept[-1] if len(rows) > page.limit else None
    return {
        "items": [
            {
                "as_of": row.as_of,
                "risk": row.risk,
                "risk_score": points(row.risk),
                "band": row.band,
                "list": row.list,
                "early_warning_months": row.early_warning_months,
                "state": row.state,
                "model_version": row.model_version,
            }
            for row in kept
        ],
        "next_cursor": last and make_cursor(question, last.micros),
    }
