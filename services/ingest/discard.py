"""Giving dead letters up: those that will never be accepted, whatever is mended."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update

from shared.store.session import Database
from shared.store.tables import DeadLetterRow


class Discard(NamedTuple):
    """Who gives dead letters up, why, and when."""

    by: str
    reason: str
    at: datetime


def discard(database: Database, dead_letter_id: int, why: Discard) -> bool:
    """Give a dead letter up; it stays, and waits no more. False: it was given up before.

    Raises `LookupError` when there is none of that id, `ValueError` when it was accepted.
    """
    with database.write() as connection:
        row = connection.execute(
            select(DeadLetterRow.replayed_at, DeadLetterRow.discarded_at)
            .where(DeadLetterRow.id == dead_letter_id)
            .with_for_update()
        ).first()
        if row is None:
            raise LookupError(f"there is no dead letter {dead_letter_id}")
        if row.replayed_at is not None:
            raise ValueError(
                f"dead letter {dead_letter_id} was accepted: nothing is left to discard"
            )
        if row.discarded_at is not None:
            return False
        connection.execute(
            update(DeadLetterRow)
            .where(DeadLetterRow.id == dead_letter_id)
            .values(discarded_at=why.at, discarded_by=why.by, discarded_reason=why.reason)
        )
    return True
