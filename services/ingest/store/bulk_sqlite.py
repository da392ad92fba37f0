"""Bulk statements on SQLite: `executemany`, and rows in hand as a JSON table."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.ingest.store.bulk import Columns, DuplicateRowError, Merge, Row


class SqliteBulk:
    """Bulk statements on a connection with an open transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def insert(self, columns: Columns, rows: Iterable[Row]) -> None:
        """Append rows."""
        try:
            self._connection.executemany(_insert(columns), rows)
        except sqlite3.IntegrityError as error:
            raise DuplicateRowError(str(error)) from error

    def merge(self, merge: Merge, rows: Sequence[Row]) -> None:
        """Insert or combine rows."""
        statement = f"{_insert(merge.columns)} {merge.on_conflict()}".replace("LEAST(", "min(")
        statement = statement.replace("GREATEST(", "max(")
        self._connection.executemany(statement, sorted(rows))

    def match(self, select: str, given: Mapping[str, str], rows: Sequence[Row]) -> list[Any]:
        """Join rows in hand, handed over as one JSON value."""
        picked = ", ".join(
            f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(given)
        )
        statement = f"WITH given AS (SELECT {picked} FROM json_each(?)) {select}"
        packed = json.dumps([list(row) for row in rows])
        return self._connection.execute(statement, (packed,)).fetchall()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run one statement."""
        return self._connection.execute(statement, values).fetchall()

    def count(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one statement; return how many rows it touched."""
        return self._connection.execute(statement, values).rowcount

    def count_each(self, statement: str, rows: Sequence[Row]) -> list[int]:
        """Run one statement once per row."""
        return [self.count(statement, row) for row in rows]

    def execute_many(self, statement: str, rows: Sequence[Row]) -> None:
        """Run one statement once per row."""
        self._connection.executemany(statement, rows)

    def present(self, own: int) -> str:
        """Return the process's own moment: it is the only one."""
        return str(own)

    def notify(self, channel: str) -> None:
        """Do nothing: who shares the process is woken by the caller, others poll."""


def _insert(columns: Columns) -> str:
    marks = ", ".join("?" * len(columns.types))
    return f"INSERT INTO {columns.table} ({columns.names}) VALUES ({marks})"
