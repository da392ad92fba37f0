"""Accounts that were merged into others: resolved when reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from services.signals.features.facts import DAY_MICROS, Facts
from services.signals.store.memories import read_memories
from shared.domain.event_types import EventType
from shared.domain.merges import merge_of
from shared.store.base import to_micros
from shared.store.driver import driver_rows, json_value
from shared.store.tables import AccountFactsRow, AccountRow, EventRow, EvidenceRow

_MASTER = """
SELECT account_id, time, uri, event_id, data FROM evidence JOIN source ON source.id = source_id
WHERE kind = 'account' AND account_id {ids}{known}
"""
_IN_ORDER = itemgetter(0, 1, 2, 3)
"""As the facts have them: PostgreSQL would order texts as its locale does."""
EVER = 1 << 30
Into = Mapping[int, str | None]
"""By row id: the account that each names, for those that name one now."""
Targets = Mapping[int, int]
"""By row id of the merged: the row id of their final target."""


class Naming(NamedTuple):
    """An account that names another as the one that it went into."""

    id: int
    account_id: str
    merged_into: str | None


def merge_targets(
    connection: Connection, as_of: int | None = None, known: datetime | None = None
) -> dict[int, int]:
    """Return the row id of the final target per merged account.

    With `as_of` (a day since 1970) the merges count that were told of before that day, into
    accounts known before it. One that was taken back since never was. With `known` all of this is
    as it was then, from the events that had arrived.
    """
    merged = _merged(connection, known)
    if not merged:
        return {}
    into: Into = {row.id: row.merged_into for row in merged}
    if as_of is not None:
        into = _as_of(connection, into, as_of * DAY_MICROS, known)
    names = {row.account_id: into[row.id] for row in merged}
    wanted = {*names, *(one for one in names.values() if one is not None)}
    ids = {one: key for one, key, _ in _known(connection, wanted, as_of, known)}

    def named(account_id: str) -> str | None:
        if account_id not in ids:
            raise LookupError(account_id)
        return names.get(account_id)

    found = {row.id: merge_of(row.account_id, named) for row in merged if row.account_id in ids}
    return {
        one: ids[merge.into]
        for one, merge in found.items()
        if merge is not None and merge.fault is None
    }


def merges_hold_until(connection: Connection, day: int) -> int:
    """Return the last day as of which accounts are merged as they are as of `day`."""
    merged = _merged(connection)
    if not merged:
        return EVER
    moves = _moves(connection, [row.id for row in merged])
    named = {into for moved in moves.values() for _, into in moved if into is not None}
    told = [time for moved in moves.values() for time, _ in moved]
    told += [first for *_, first in _known(connection, named, None)]
    return min((time // DAY_MICROS for time in told if time >= day * DAY_MICROS), default=EVER)


def places_of(accounts: Sequence[int], into: Targets) -> dict[int, int]:
    """Return the index that each row id counts under: that of its target, where it was merged.

    One whose target is not asked for counts nowhere.
    """
    place = {account: at for at, account in enumerate(accounts)}
    for merged, target in into.items():
        if target in place:
            place[merged] = place[target]
        else:
            place.pop(merged, None)
    return place


def parted_from(connection: Connection, facts: Facts, into: Targets) -> list[int]:
    """Return the row ids of accounts last judged by facts of some of these, which are not theirs.

    `into` are the merges by which the facts were read. Nothing of their own changed, so nothing
    else would have them looked at.
    """
    held = sorted(named_by(connection, facts, into))
    if not held:
        return []
    ids = _ids(connection, set(facts.account_ids))
    away = {one: into.get(ids[one]) for one in facts.account_ids}
    memories = read_memories(connection, held)
    return [
        one
        for one in held
        if any(name in away and away[name] != one for name in memories[one].track.joined)
    ]


def named_by(connection: Connection, facts: Facts, into: Targets) -> set[int]:
    """Return the row ids of those that count facts of some of these as theirs, or ever did."""
    named = {target for _, target in _named(facts)}
    ids = _ids(connection, named) if named else {}
    return {into.get(one, one) for one in ids.values()}


def kin_of(connection: Connection, facts: Facts, into: Targets) -> dict[int, list[int]]:
    """Return, by index, the row ids of accounts whose facts are the account's, or its facts were.

    Those that count for it, and those that it ever named as the one that it went into.
    """
    named = _named(facts)
    joined = {(at, one) for at, names in facts.joined.items() for one in names}
    if not named and not joined:
        return {}
    ids = _ids(connection, {one for _, one in named | joined})
    found: dict[int, set[int]] = defaultdict(set)
    for at, one in joined:
        found[at].add(ids[one])
    for at, one in named:
        if one in ids:
            found[at].add(into.get(ids[one], ids[one]))
    return {at: sorted(others) for at, others in found.items()}


def _named(facts: Facts) -> set[tuple[int, str]]:
    """Return (index, account id) of whom these accounts ever named as their target."""
    return {
        (fact.account, into)
        for fact in facts.evidence
        if fact.kind == "account" and (into := fact.data.get("merged_into")) is not None
    }


def _ids(connection: Connection, names: set[str]) -> dict[str, int]:
    """Return the row ids of those that are known."""
    rows = connection.execute(
        select(AccountRow.account_id, AccountRow.id).where(AccountRow.account_id.in_(names))
    )
    return {row.account_id: row.id for row in rows}


def _merged(connection: Connection, known: datetime | None = None) -> Sequence[Naming]:
    """Return the accounts that name another now, or did by what had arrived by `known`."""
    account, told = AccountRow, EvidenceRow
    query = select(account.id, account.account_id, account.merged_into)
    if known is None:
        rows = connection.execute(query.where(account.merged_into.is_not(None)))
        return [Naming(*row) for row in rows]
    ever = select(told.account_id).where(
        told.kind == EventType.ACCOUNT.noun,
        told.recorded_at <= known,
        told.data["merged_into"].as_string().is_not(None),
    )
    rows = connection.execute(query.where(account.id.in_(ever)))
    names = {row.id: row.account_id for row in rows}
    moves = _moves(connection, list(names), known)
    last = {one: moved[-1][1] for one, moved in moves.items()}
    return [Naming(one, names[one], into) for one, into in last.items() if into is not None]


def _known(
    connection: Connection, names: set[str], as_of: int | None, known: datetime | None = None
) -> list[tuple[str, int, int]]:
    """Return (account id, row id, time of the first event) of those that are known."""
    account, facts, event = AccountRow, AccountFactsRow, EventRow
    if known is None:
        query = select(account.account_id, account.id, facts.first_event_at).outerjoin(
            facts, facts.account_id == account.id
        )
    else:
        query = (
            select(account.account_id, account.id, func.min(event.time))
            .join(event, (event.account_id == account.id) & (event.recorded_at <= known))
            .group_by(account.account_id, account.id)
        )
    found = [
        (account_id, key, 0 if first is None else to_micros(first))
        for account_id, key, first in connection.execute(query.where(account.account_id.in_(names)))
    ]
    return [one for one in found if as_of is None or one[2] < as_of * DAY_MICROS]


def _as_of(connection: Connection, now: Into, until: int, known: datetime | None) -> Into:
    """Return what these accounts named by events before `until` (microseconds)."""
    moves = _moves(connection, list(now), known)
    return {
        one: next((into for time, into in reversed(moves[one]) if time < until), None)
        for one in now
    }


def _moves(
    connection: Connection, accounts: Sequence[int], known: datetime | None = None
) -> dict[int, list[tuple[int, str | None]]]:
    """Return when each account came to name which other, in order of time."""
    arrived = "" if known is None else f" AND recorded_at <= {to_micros(known)}"
    statement = _MASTER.replace("{known}", arrived)
    found: dict[int, list[tuple[int, str | None]]] = defaultdict(list)
    rows = sorted(driver_rows(connection, statement, accounts), key=_IN_ORDER)
    for account, time, _, _, data in rows:
        told = json_value(data)
        before = found[account][-1][1] if found[account] else None
        into = told.get("merged_into", before)
        if into != before:
            found[account].append((time, into))
    return found
