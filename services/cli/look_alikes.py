"""Account ids that look alike: two spellings of one customer count as two customers."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from shared.store.tables import AccountRow

CASE_COUNTS = re.compile(r"001[0-9A-Za-z]{12}")
"""Salesforce's short id of an account: those of two customers may differ in case only."""


def unmerged_ids(connection: Connection) -> list[str]:
    """Return the ids of the accounts that did not go into another."""
    statement = select(AccountRow.account_id).where(AccountRow.merged_into.is_(None))
    return list(connection.scalars(statement))


def look_alikes(ids: Iterable[str]) -> list[list[str]]:
    """Return groups of ids that differ in blanks, unseen characters, case or forms of a letter."""
    groups: dict[str, list[str]] = defaultdict(list)
    for one in ids:
        groups[_as_seen(one)].append(one)
    return sorted(sorted(group) for group in groups.values() if len(group) > 1)


def _as_seen(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    shown = (" " if c.isspace() else c for c in plain if unicodedata.category(c) != "Cf")
    seen = " ".join("".join(shown).split())
    return seen if CASE_COUNTS.fullmatch(seen) else seen.casefold()
