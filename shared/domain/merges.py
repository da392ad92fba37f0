"""Accounts that were merged into others: where a chain of merges ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Merge(NamedTuple):
    """Where a merged account went; with a fault it stays by itself."""

    into: str
    fault: str | None = None  # unknown_account, circle


def merge_of(account_id: str, into: Callable[[str], str | None]) -> Merge | None:
    """Return where an account went in the end; None for one that names no other.

    `into` returns the account that one names, None where it names none, and raises `LookupError`
    for an account that is not known. With a fault, `Merge.into` is what the account itself names.
    """
    named = into(account_id)
    if named is None:
        return None
    seen, at = {account_id}, account_id
    following: str | None = named
    while following is not None:
        if following in seen:
            return Merge(named, "circle")
        seen.add(following)
        at = following
        try:
            following = into(at)
        except LookupError:
            return Merge(named, "unknown_account")
    return Merge(at)
