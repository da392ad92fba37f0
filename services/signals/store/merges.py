"""Accounts that were merged into others: resolved when reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from shared.store.tables import AccountRow


def merge_targets(connection: Connection) -> dict[int, int]:
    """Return the row id of the final target per merged account."""
    merged = connection.execute(
        select(AccountRow.id, AccountRow.account_id, AccountRow.merged_into).where(
            AccountRow.merged_into.is_not(None)
        )
    ).all()
    if not merged:
        return {}
    into = {row.account_id: row.merged_into for row in merged}
    wanted = select(AccountRow.account_id, AccountRow.id).where(
        AccountRow.account_id.in_({*into.values(), *into})
    )
    ids = {row.account_id: row.id for row in connection.execute(wanted)}
    targets = {row.id: ids.get(final_target(into, row.account_id)) for row in merged}
    return {one: target for one, target in targets.items() if target not in {None, one}}


def places_of(connection: Connection, accounts: Sequence[int]) -> dict[int, int]:
    """Return the index that each row id counts under: that of its target, where it was merged.

    One whose target is not asked for counts nowhere.
    """
    place = {account: at for at, account in enumerate(accounts)}
    for merged, target in merge_targets(connection).items():
        if target in place:
            place[merged] = place[target]
        else:
            place.pop(merged, None)
    return place


def final_target(into: Mapping[str, str], account: str) -> str:
    """Follow the merges to their end; accounts merged in a circle stay themselves."""
    seen = {account}
    at = account
    while at in into:
        at = into[at]
        if at in seen:
            return account
        seen.add(at)
    return at
