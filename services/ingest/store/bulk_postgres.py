"""Bulk statements on PostgreSQL: binary COPY, and arrays as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from services.ingest.store.bulk import Columns, DuplicateRowError, Merge, Row, sorted_by_key

FEW_ROWS = 50
"""Up to so many rows one statement over arrays is cheaper than a temporary table."""


class PostgresBulk:
    """Bulk statements on a connection with an open transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def insert(self, columns: Columns, rows: Sequence[Row]) -> None:
        """Append rows by binary COPY."""
        try:
            self._copy(columns.table, columns, rows)
        except psycopg.errors.UniqueViolation as error:
            raise DuplicateRowError(str(error)) from error

    def merge(self, merge: Merge, rows: Sequence[Row]) -> None:
        """Insert or combine rows by one statement."""
        if not rows:
            return
        columns, ordered = merge.columns, sorted_by_key(merge, rows)
        if len(ordered) <= FEW_ROWS:
            source = self._unnest(columns.types)
            self._run(
                f"INSERT INTO {columns.table} ({columns.names}) SELECT * FROM {source}"
                f" {merge.on_conflict()}",
                [list(column) for column in zip(*ordered, strict=True)],
            )
            return
        staged = f"merge_{columns.table}"
        fields = ", ".join(f'"{name}" {kind}' for name, kind in columns.types.items())
        # Kept for the session and emptied at commit: a table per batch would bloat the catalogue.
        self._run(f"CREATE TEMP TABLE IF NOT EXISTS {staged} ({fields}) ON COMMIT DELETE ROWS", ())
        self._copy(staged, columns, ordered)
        self._run(
            f"INSERT INTO {columns.table} ({columns.names}) SELECT {columns.names} FROM {staged}"
            f" {merge.on_conflict()}",
            (),
        )

    def match(self, select: str, given: Mapping[str, str], rows: Sequence[Row]) -> list[Any]:
        """Join rows in hand, handed over as one array per column."""
        if not rows:
            return []
        statement = f"WITH given AS (SELECT * FROM {self._unnest(given)}) {select}"
        return self._run(statement, [list(column) for column in zip(*rows, strict=True)]).fetchall()

    def execute(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        """Run one statement."""
        cursor = self._run(statement.replace("?", "%s"), values)
        return cursor.fetchall() if cursor.description else []

    def count(self, statement: str, values: Sequence[Any] = ()) -> int:
        """Run one statement; return how many rows it touched."""
        return self._run(statement.replace("?", "%s"), values).rowcount

    def notify(self, channel: str) -> None:
        """Send a notification that is delivered at commit."""
        self._run("SELECT pg_notify(%s, '')", [channel])

    def _run(self, statement: str, values: Sequence[Any]) -> psycopg.Cursor[Any]:
        return self._connection.execute(statement.encode(), values or None)

    def _copy(self, table: str, columns: Columns, rows: Sequence[Row]) -> None:
        statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns.types))
        )
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            copy.set_types(list(columns.types.values()))
            for row in rows:
                copy.write_row(row)

    @staticmethod
    def _unnest(types: Mapping[str, str]) -> str:
        arrays = ", ".join(f"%s::{kind}[]" for kind in types.values())
        names = ", ".join(f'"{name}"' for name in types)
        return f"unnest({arrays}) AS given_rows({names})"
