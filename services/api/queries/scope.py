"""Who sees which account: the one place that decides it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection, select, true

from services.api.principal import Principal
from services.api.problems import not_found
from shared.domain import merges
from shared.domain.merges import Merge
from shared.store.tables import AccountRow


def visible(principal: Principal) -> ColumnElement[bool]:
    """Return the condition on `account` that every query of accounts' data must carry."""
    own = principal.own_only
    return true() if own is None else AccountRow.kam_id == own


def account_row_id(connection: Connection, principal: Principal, account_id: str) -> int:
    """Return the row id of an account; 404 when unknown or another KAM's."""
    found = connection.scalar(
        select(AccountRow.id).where(AccountRow.account_id == account_id, visible(principal))
    )
    if found is None:
        raise not_found("account", account_id)
    return int(found)


def merge_of(connection: Connection, account_id: str) -> Merge | None:
    """Return where a known account went in the end; None for one not merged."""
    return merges_of(connection, [account_id])[account_id]


def merges_of(connection: Connection, account_ids: Collection[str]) -> dict[str, Merge | None]:
    """Return where each of these known accounts went in the end; None for one not merged."""
    into: dict[str, str | None] = {}
    wanted = set(account_ids)
    while wanted:
        rows = connection.execute(
            select(AccountRow.account_id, AccountRow.merged_into).where(
                AccountRow.account_id.in_(wanted)
            )
        )
        found: dict[str, str | None] = {row.account_id: row.merged_into for row in rows}
        into |= found
        wanted = {one for one in found.values() if one is not None} - into.keys()
    return {one: merges.merge_of(one, into.__getitem__) for one in account_ids}


def with_merged(connection: Connection, account_id: str, row_id: int) -> list[int]:
    """Return the row ids of an account and of all whose merges end in it, as it is scored.

    On one that names another no merge ends: what went into it went on from there, or stays by
    itself with the same fault.
    """
    if merge_of(connection, account_id) is not None:
        return [row_id]
    ids, names = {row_id}, [account_id]
    while names:
        rows = connection.execute(
            select(AccountRow.id, AccountRow.account_id).where(AccountRow.merged_into.in_(names))
        ).all()
        # A merge that is told meanwhile may close a circle.
        names = [row.account_id for row in rows if row.id not in ids]
        ids |= {row.id for row in rows}
    return sorted(ids)
