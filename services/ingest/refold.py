"""Fold every stored booking again: once, after a migration that says so."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from services.ingest.store.bookings import BookingFold, Entity
from services.ingest.store.bulk import bulk_of
from services.ingest.store.surrogates import Surrogates
from shared.domain.event_types import EventType
from shared.store.migrate import UNFINISHED
from shared.store.session import Database
from shared.store.tables import EventRow, SettingRow

CHUNK = 5_000
_FOLDED = (int(EventType.BOOKING), int(EventType.MILESTONE))


def refold(database: Database) -> int:
    """Bring the changes of all events up to date, if that is due; return how many were rewritten.

    May be interrupted and run again: it rewrites only what differs.
    """
    if not _due(database):
        return 0
    surrogates, rewritten, after = Surrogates(), 0, (-1, -(2**63))
    while entities := _next_entities(database, after):
        with database.write() as connection:
            folder = BookingFold(bulk_of(connection), surrogates)
            placed = folder.refold(folder.known(entities))
            folder.rewrite(placed)
        surrogates.committed()
        rewritten += len(placed.rewritten)
        after = entities[-1]
    with database.write() as connection:
        connection.execute(delete(SettingRow).where(SettingRow.name == UNFINISHED))
    return rewritten


def _due(database: Database) -> bool:
    with database.read() as connection:
        found = connection.scalar(select(SettingRow.name).where(SettingRow.name == UNFINISHED))
        return found is not None


def _next_entities(database: Database, after: Entity) -> Sequence[Entity]:
    event = EventRow
    account, entity = after
    later = (event.account_id > account) | ((event.account_id == account) & (event.entity > entity))
    with database.read() as connection:
        rows = connection.execute(
            select(event.account_id, event.entity)
            .where(later, event.type_id.in_(_FOLDED))
            .distinct()
            .order_by(event.account_id, event.entity)
            .limit(CHUNK)
        )
        return [(row.account_id, row.entity) for row in rows]
