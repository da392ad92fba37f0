"""Fold every stored event again: once, after a migration that says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select, tuple_, update

from services.ingest.decode import decode_payload
from services.ingest.entity import entity_of
from services.ingest.fold import FOLDED
from services.ingest.store.bulk import bulk_of
from services.ingest.store.entities import Entity, EntityFold
from services.ingest.store.surrogates import Surrogates
from shared.domain.event_types import EventType
from shared.store.migrate import UNFINISHED
from shared.store.session import Database
from shared.store.tables import AccountFactsRow, EventRow, SettingRow, SourceRow

CHUNK = 5_000
FEW = 500
"""Entities asked for in one statement: each takes two of SQLite's parameters."""
_FOLDED = sorted(map(int, FOLDED))


def refold(database: Database) -> int:
    """Bring the changes of all events up to date, if that is due; return how many were rewritten.

    May be interrupted and run again: it rewrites only what differs. Accounts of which something
    was rewritten are scored again.
    """
    if not _due(database):
        return 0
    _name_anew(database)
    surrogates, rewritten, after = Surrogates(), 0, (-1, -(2**63))
    while entities := _next_entities(database, after):
        with database.write() as connection:
            _lock(connection, {account for account, _ in entities})
            folder = EntityFold(bulk_of(connection), surrogates)
            known = folder.known(entities)
            placed = folder.refold(known)
            folder.rewrite(placed)
            owners = {one.seq: owner for (owner, _), ones in known.items() for one in ones}
            _score_again(connection, {owners[seq] for _, seq in placed.rewritten})
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


def _lock(connection: Connection, accounts: Iterable[int]) -> None:
    """Hold off ingest, which locks the accounts' rows before it folds."""
    facts = AccountFactsRow.account_id
    connection.execute(
        select(facts).where(facts.in_(sorted(accounts))).order_by(facts).with_for_update()
    )


def _score_again(connection: Connection, accounts: Iterable[int]) -> None:
    facts = AccountFactsRow
    raised = update(facts).where(facts.account_id.in_(sorted(accounts)))
    connection.execute(raised.values(revision=facts.revision + 1))


def _name_anew(database: Database) -> None:
    """Let warehouse events of revision 11 and before speak of their day, not only of their site."""
    last = 0
    while rows := _work_after(database, last):
        with database.write() as connection:
            _lock(connection, {row.account_id for row in rows})
            _move(connection, rows)
        last = rows[-1].seq


def _work_after(database: Database, last: int) -> Sequence[Any]:
    event = EventRow
    with database.read() as connection:
        return connection.execute(
            select(event.seq, event.account_id, event.entity, event.data, SourceRow.uri)
            .join(SourceRow, SourceRow.id == event.source_id)
            .where(event.type_id == int(EventType.WAREHOUSE), event.seq > last)
            .order_by(event.seq)
            .limit(CHUNK)
        ).all()


def _move(connection: Connection, rows: Sequence[Any]) -> None:
    moved: list[tuple[int, Entity]] = []
    for row in rows:
        payload = decode_payload(EventType.WAREHOUSE, bytes(row.data))
        named = entity_of(EventType.WAREHOUSE, payload, row.uri)
        if named != row.entity:
            moved.append((row.seq, (row.account_id, named)))
    places = _stored(connection, [entity for _, entity in moved])
    values = []
    for seq, entity in moved:
        values.append((entity[1], places[entity], seq))
        places[entity] += 1
    bulk_of(connection).execute_many("UPDATE event SET entity = ?, nth = ? WHERE seq = ?", values)


def _stored(connection: Connection, entities: Sequence[Entity]) -> Counter[Entity]:
    """Return the place that the next event of each entity takes."""
    found: Counter[Entity] = Counter()
    owner, entity = EventRow.account_id, EventRow.entity
    for at in range(0, len(entities), FEW):
        part = sorted(set(entities[at : at + FEW]))
        asked = select(owner, entity, func.max(EventRow.nth))
        asked = asked.where(tuple_(owner, entity).in_(part)).group_by(owner, entity)
        found.update({(row[0], row[1]): row[2] + 1 for row in connection.execute(asked)})
    return found
