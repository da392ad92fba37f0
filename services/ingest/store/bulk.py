"""Three bulk statements that the hot path is made of, for both databases.

`insert` appends rows, `merge` adds to or replaces rows by key, `match` joins rows in hand with a
table. PostgreSQL appends by binary COPY and takes the rest as arrays, SQLite by `executemany`
inside one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

Row = tuple[Any, ...]


class Columns(NamedTuple):
    """A table's columns as the hot path writes them: name to PostgreSQL type, in order."""

    table: str
    types: Mapping[str, str]

    @property
    def names(self) -> str:
        """Return the column list of a statement; quoted, since `offset` is a keyword."""
        return ", ".join(f'"{name}"' for name in self.types)


class Merge(NamedTuple):
    """How rows meet the rows that are there: by key, which leads; other columns by their rule.

    A rule is SQL over `old` (the table's column) and `new` (the incoming one).
    """

    columns: Columns
    key: tuple[str, ...]
    rules: Mapping[str, str]  # empty: the first row stays

    def on_conflict(self) -> str:
        """Return the ON CONFLICT clause."""
        key = ", ".join(f'"{name}"' for name in self.key)
        if not self.rules:
            return f"ON CONFLICT ({key}) DO NOTHING"
        sets = ", ".join(
            f'"{name}" = '
            + rule.replace("old", f'{self.columns.table}."{name}"').replace(
                "new", f'excluded."{name}"'
            )
            for name, rule in self.rules.items()
        )
        return f"ON CONFLICT ({key}) DO UPDATE SET {sets}"


class Bulk(Protocol):
    """Bulk statements inside one open transaction."""

    def insert(self, columns: Columns, rows: Iterable[Row]) -> None:
        """Append rows; raises `DuplicateRowError` when a unique key is there already."""
        ...

    def merge(self, merge: Merge, rows: Sequence[Row]) -> None:
        """Insert or combine rows in the order of their key, so that writers cannot deadlock."""
        ...

    def match(self, select: str, given: Mapping[str, str], rows: Sequence[Row]) -> list[Any]:
        """Run `select`, in which `given` is a table of the rows in hand.

        `given` names its columns with their PostgreSQL types; SQLite takes them as they are.
        """
        ...

    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run one statement with `?` for values; return its rows."""
        ...

    def count(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one statement with `?` for values; return how many rows it touched."""
        ...

    def count_each(self, statement: str, rows: Sequence[Row]) -> list[int]:
        """Run one statement once per row, in this order; return how many rows each touched."""
        ...

    def execute_many(self, statement: str, rows: Sequence[Row]) -> None:
        """Run one statement with `?` for values, once per row."""
        ...

    def present(self, own: int) -> str:
        """Return SQL for the present in microseconds as all processes have it, or `own`."""
        ...

    def notify(self, channel: str) -> None:
        """Wake listeners once the transaction is committed; nothing on SQLite."""
        ...


class DuplicateRowError(Exception):
    """Another transaction stored one of these rows since we looked: look again."""


def bulk_of(connection: Connection) -> Bulk:
    """Return the bulk statements that fit the connection's database."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        from services.ingest.store.bulk_sqlite import SqliteBulk  # noqa: PLC0415

        return SqliteBulk(raw)
    from services.ingest.store.bulk_postgres import PostgresBulk  # noqa: PLC0415 (needs libpq)

    return PostgresBulk(raw)
