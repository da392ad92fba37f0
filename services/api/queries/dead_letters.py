"""Dead letters, whole."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import ColumnElement, Connection, not_, select

from services.api.paging import Page, Question, make_cursor, read_cursor
from services.api.problems import not_found
from shared.contracts.file_rows import file_of
from shared.contracts.letter_ids import ids_of
from shared.store.letters import next_letters
from shared.store.tables import DeadLetterRow


def dead_letter_page(
    connection: Connection, page: Page, *, reason: str | None, pending: bool | None
) -> dict[str, Any]:
    """Return one page of dead letters in order of arrival; large ones end it before its limit."""
    row = DeadLetterRow
    conditions: list[ColumnElement[bool]] = []
    question = Question("dead-letters", (reason, pending))
    after = read_cursor(page.cursor, question, (int,))
    if after is not None:
        conditions.append(row.id > after[0])
    if reason is not None:
        conditions.append(row.reason == reason)
    if pending is not None:
        conditions.append(row.waits() if pending else not_(row.waits()))
    kept, more = next_letters(connection, conditions, page.limit)
    return {
        "items": [_form(one) for one in kept],
        "next_cursor": make_cursor(question, kept[-1].id) if more else None,
    }


def dead_letter_by_id(connection: Connection, dead_letter_id: int) -> dict[str, Any]:
    """Return one dead letter; 404 when unknown."""
    row = connection.execute(
        select(DeadLetterRow.__table__).where(DeadLetterRow.id == dead_letter_id)
    ).first()
    if row is None:
        raise not_found("dead letter", dead_letter_id)
    return _form(row)


def _form(row: Any) -> dict[str, Any]:
    return {
        "dead_letter_id": row.id,
        "topic": row.topic,
        "partition": row.partition,
        "offset": row.offset,
        "file": file_of(row.headers),
        **ids_of(row.value, row.headers)._asdict(),
        "reason": row.reason,
        "detail": row.detail,
        "first_seen_at": row.first_seen_at,
        "tries": row.tries,
        "replayed_at": row.replayed_at,
        "discarded_at": row.discarded_at,
        "discarded_by": row.discarded_by,
        "discarded_reason": row.discarded_reason,
        "key": _base64(row.key),
        "value": _base64(row.value),
        "headers": row.headers,
    }


def _base64(raw: bytes | None) -> str | None:
    return None if raw is None else base64.b64encode(raw).decode()
