"""The facts of a set of accounts, from rows to arrays.

Rows of an account that was merged into another count for the other; they are never rewritten.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from sqlalchemy import Connection

from services.signals.features.facts import (
    DAY_MICROS,
    SUMS,
    EventRef,
    EvidenceFact,
    Facts,
    Feed,
    IntArray,
    Series,
)
from services.signals.store.feeds import load_feeds
from services.signals.store.merges import Targets, merge_targets, places_of
from services.signals.store.row_events import Groups, Known, Objects, booking_ids, service_refs
from shared.store.changes import read_changes
from shared.store.driver import driver_rows, json_value

BLOCK = 2_000
"""Accounts whose rows are in memory as the driver gives them, at most."""
_KEY = ("account_id", "series_id", "day", "effect_day")
_BOOKINGS = """
SELECT account_id, {effect}, event_id, source_id, changes FROM event
WHERE account_id {ids} AND changes IS NOT NULL
"""
_KNOWN = "CASE WHEN recorded_at > time THEN recorded_at ELSE time END"
_SERIES = """
SELECT series.id, mode, service, origin, destination, uri, currency
FROM series JOIN source ON source.id = series.source_id WHERE series.id {ids}
"""
_URIS = "SELECT id, uri FROM source WHERE id {ids}"
_EVIDENCE = """
SELECT account_id, kind, ref, time, uri, event_id, data
FROM evidence JOIN source ON source.id = evidence.source_id
"""


def load_facts(
    connection: Connection,
    account_ids: Sequence[int],
    *,
    until_day: int | None,
    feeds: Sequence[Feed] | None = None,
    as_known: bool = False,
    as_merged: int | None = None,
    into: Targets | None = None,
) -> Facts:
    """Return what is known of the accounts, in the order given.

    Parameters
    ----------
    account_ids : Sequence[int]
        Row ids of `account`.
    until_day : int | None
        Leave out what counts only from this day on; None for all.
    feeds : Sequence[Feed] | None
        Feeds read a moment ago; read again when None.
    as_known : bool
        Let each booking event count from the day on which it was known, if that is later than
        its own: what a backtest may look at.
    as_merged : int | None
        The day as of which accounts are merged; None for as they are now.
    into : Targets | None
        Merges read a moment ago; read by `as_merged` when None.
    """
    place = places_of(account_ids, merge_targets(connection, as_merged) if into is None else into)
    wanted = sorted(place)
    columns, events, service = _booking_rows(
        connection, wanted, until_day, _KNOWN if as_known else "time"
    )
    account = indices_of(columns["account_id"], place)
    order = np.lexsort((columns["series_id"], columns["effect_day"], columns["day"], account))
    own = {key: at for at, key in enumerate(account_ids)}
    evidence = _evidence(connection, place, own, until_day)
    return Facts(
        account_ids=_external_ids(connection, account_ids),
        account=account[order],
        series_id=columns["series_id"][order],
        day=columns["day"][order],
        effect_day=columns["effect_day"][order],
        sums={name: columns[name][order] for name in SUMS},
        event_ids=events[order],
        service_events=service[order],
        series=series_of(connection, columns["series_id"]),
        evidence=evidence,
        feeds=tuple(load_feeds(connection) if feeds is None else feeds),
        merged=merged_at(place, own, evidence),
        joined=_joined(connection, place, account_ids),
    )


def merged_at(
    place: Mapping[int, int], own: Mapping[int, int], evidence: Iterable[EvidenceFact]
) -> dict[int, int]:
    """Return when each account (by index) went into another; `place` says which ones did."""
    found = {at: 0 for key, at in own.items() if place.get(key) != at}
    named: dict[int, str | None] = {}
    for fact in evidence if found else ():
        before = named.get(fact.account)
        into = fact.data.get("merged_into", before)
        if fact.account in found and into != before:
            named[fact.account], found[fact.account] = into, fact.time
    return found


def _joined(
    connection: Connection, place: Mapping[int, int], accounts: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """Return the ids of the accounts that count for another, by the index of that one."""
    others = sorted(key for key, at in place.items() if accounts[at] != key)
    found: dict[int, tuple[str, ...]] = defaultdict(tuple)
    for key, name in zip(others, _external_ids(connection, others), strict=True):
        found[place[key]] += (name,)
    return dict(found)


def _booking_rows(
    connection: Connection, wanted: Sequence[int], until_day: int | None, effect: str = "time"
) -> tuple[dict[str, IntArray], Objects, Objects]:
    """Return one row per account, series, day and effect day: its sums and the events it names.

    Block by block of accounts: the driver's rows take several times the memory of the sums.
    """
    statement = _BOOKINGS.replace("{effect}", effect)
    if until_day is not None:
        statement += f" AND time < {int(until_day) * DAY_MICROS}"
    blocks = [
        _block(connection, statement, wanted[at : at + BLOCK])
        for at in range(0, max(1, len(wanted)), BLOCK)
    ]
    columns, shown, service = zip(*blocks, strict=True)
    if len(blocks) == 1:
        return blocks[0]
    joined = {name: np.concatenate([block[name] for block in columns]) for name in columns[0]}
    return joined, np.concatenate(shown), np.concatenate(service)


def _block(
    connection: Connection, statement: str, accounts: Sequence[int]
) -> tuple[dict[str, IntArray], Objects, Objects]:
    rows = driver_rows(connection, statement, accounts)
    account, time, ids, sources, blobs = zip(*rows, strict=True) if rows else ((),) * 5
    changes, event = read_changes(blobs)
    columns = {name: changes[name].astype(np.int64) for name in ("series_id", "day", *SUMS)}
    columns["account_id"] = np.array(account, dtype=np.int64)[event]
    columns["effect_day"] = (np.array(time, dtype=np.int64) // DAY_MICROS)[event]
    known = Known(ids, sources, dict(driver_rows(connection, _URIS, sorted(set(sources)))))
    summed, groups = _summed(columns)
    return (
        summed,
        booking_ids(known, event, columns["demand"], groups),
        service_refs(known, event, columns, groups),
    )


def _summed(columns: dict[str, IntArray]) -> tuple[dict[str, IntArray], Groups]:
    order = np.lexsort([columns[name] for name in reversed(_KEY)])
    keys = np.stack([columns[name][order] for name in _KEY])
    starts = np.flatnonzero(np.append(True, (keys[:, 1:] != keys[:, :-1]).any(axis=0)))
    starts = starts[: order.size]
    groups = Groups(order, starts, np.append(starts[1:], order.size))
    if not starts.size:
        return columns, groups
    summed = dict(zip(_KEY, keys[:, starts], strict=True))
    return summed | {name: np.add.reduceat(columns[name][order], starts) for name in SUMS}, groups


def series_of(connection: Connection, series_id: IntArray) -> dict[int, Series]:
    """Return the series of these rows: those of a whole book are many, and each look asks."""
    used = np.unique(series_id).tolist()
    return {row[0]: Series(*row[1:]) for row in driver_rows(connection, _SERIES, used)}


def indices_of(account: IntArray, place: Mapping[int, int]) -> IntArray:
    """Turn row ids into indices."""
    if not account.size:
        return account
    known = np.array(sorted(place), dtype=np.int64)
    index = np.array([place[int(one)] for one in known], dtype=np.int64)
    return index[np.searchsorted(known, account)]


def _evidence(
    connection: Connection,
    place: Mapping[int, int],
    own: Mapping[int, int],
    until_day: int | None,
) -> tuple[EvidenceFact, ...]:
    """Return the evidence; master data is never another account's."""
    statement = f"{_EVIDENCE} WHERE account_id {{ids}}"
    if until_day is not None:
        statement += f" AND time < {int(until_day) * DAY_MICROS}"
    rows = driver_rows(connection, statement, sorted(place.keys() | own.keys()))
    found = [
        EvidenceFact(
            account=at,
            kind=kind,
            ref=ref,
            time=time,
            event=EventRef(uri, event_id),
            data=json_value(data),
        )
        for account, kind, ref, time, uri, event_id, data in rows
        if (at := (own if kind == "account" else place).get(account)) is not None
    ]
    found.sort(key=lambda fact: (fact.account, fact.time, fact.event))
    return tuple(found)


def _external_ids(connection: Connection, account_ids: Sequence[int]) -> tuple[str, ...]:
    names = dict(
        driver_rows(connection, "SELECT id, account_id FROM account WHERE id {ids}", account_ids)
    )
    return tuple(names[account] for account in account_ids)
