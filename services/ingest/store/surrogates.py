"""Small integers for sources, accounts and series, cached in the process.

What a transaction adds to the cache counts only once it has committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from services.ingest.entity_changes import SeriesKey
from services.ingest.store.bulk import Bulk, Columns, Merge

_SOURCE = Merge(Columns("source", {"uri": "text"}), ("uri",), {})
_ACCOUNT = Merge(Columns("account", {"account_id": "text"}), ("account_id",), {})
_SERIES_TYPES = {
    "source_id": "bigint", "mode": "text", "service": "text",
    "origin": "text", "destination": "text", "currency": "text",
}  # fmt: skip
_SERIES = Merge(Columns("series", _SERIES_TYPES), tuple(_SERIES_TYPES), {})
_SAME_SERIES = " AND ".join(f"t.{name} = g.{name}" for name in _SERIES_TYPES)

SeriesRow = tuple[int, str, str, str, str, str]
Key = TypeVar("Key")
Value = TypeVar("Value")


class Surrogates:
    """External names to row ids."""

    def __init__(self) -> None:
        self.sources: dict[str, int] = {}
        self.source_uris: dict[int, str] = {}
        self.accounts: dict[str, int] = {}
        self.series: dict[SeriesRow, int] = {}
        self._undo: list[Callable[[], object]] = []

    def know_sources(self, bulk: Bulk, uris: Iterable[str]) -> None:
        """Make `sources` hold every uri."""
        new = sorted(set(uris) - self.sources.keys())
        if not new:
            return
        bulk.merge(_SOURCE, [(uri,) for uri in new])
        found = bulk.match(
            "SELECT t.id, t.uri FROM given g JOIN source t ON t.uri = g.uri",
            {"uri": "text"},
            [(uri,) for uri in new],
        )
        for row_id, uri in found:
            self._add(self.sources, uri, row_id)
            self._add(self.source_uris, row_id, uri)

    def know_source_ids(self, bulk: Bulk, ids: Iterable[int]) -> None:
        """Make `source_uris` hold every id; they were stored by somebody else."""
        new = sorted(set(ids) - self.source_uris.keys())
        found = bulk.match(
            "SELECT t.id, t.uri FROM given g JOIN source t ON t.id = g.id",
            {"id": "bigint"},
            [(source_id,) for source_id in new],
        )
        self.source_uris.update(found)
        self.sources.update({uri: source_id for source_id, uri in found})

    def know_accounts(self, bulk: Bulk, account_ids: Iterable[str]) -> None:
        """Make `accounts` hold every account id."""
        new = sorted(set(account_ids) - self.accounts.keys())
        if not new:
            return
        rows = [(account_id,) for account_id in new]
        bulk.merge(_ACCOUNT, rows)
        found = bulk.match(
            "SELECT t.id, t.account_id FROM given g JOIN account t ON t.account_id = g.account_id",
            {"account_id": "text"},
            rows,
        )
        for row_id, account_id in found:
            self._add(self.accounts, account_id, row_id)

    def know_series(self, bulk: Bulk, keys: Iterable[SeriesKey]) -> dict[SeriesKey, int]:
        """Return the row id of every series key."""
        rows = {key: (self.sources[key.source], *key[1:]) for key in set(keys)}
        new = sorted(set(rows.values()) - self.series.keys())
        if new:
            bulk.merge(_SERIES, new)
            found = bulk.match(
                f"SELECT t.id, g.* FROM given g JOIN series t ON {_SAME_SERIES}",
                _SERIES_TYPES,
                new,
            )
            for row_id, *row in found:
                self._add(self.series, tuple(row), row_id)
        return {key: self.series[row] for key, row in rows.items()}

    def committed(self) -> None:
        """Keep what the transaction added."""
        self._undo.clear()

    def rolled_back(self) -> None:
        """Forget what the transaction added: its ids were never stored."""
        for forget in self._undo:
            forget()
        self._undo.clear()

    def _add(self, cache: dict[Key, Value], key: Key, value: Value) -> None:
        cache[key] = value
        self._undo.append(lambda: cache.pop(key, None))
