"""Writing many rows, alike on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

Row = Mapping[str, Any]
MANY = 5_000


def table_of(model: type[DeclarativeBase]) -> Table:
    """Return the table behind a mapped class."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 (a mapped class of ours is always one table)
    return table


def among(column: Any, ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a column is one of the ids; for very many, no condition.

    A statement takes a bounded number of values; callers leave out what they did not ask for.
    """
    return column.in_(ids) if len(ids) <= MANY else true()


def put(connection: Connection, model: type[DeclarativeBase], rows: Sequence[Row]) -> None:
    """Insert rows, or replace the columns given of those whose primary key is there already."""
    if not rows:
        return
    table = table_of(model)
    keys = [column.name for column in table.primary_key.columns]
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows)
    )


def add(
    connection: Connection, model: type[DeclarativeBase], rows: Sequence[Row], unique: Sequence[str]
) -> None:
    """Insert rows, leaving alone those whose `unique` columns are there already."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table_of(model))
    connection.execute(statement.on_conflict_do_nothing(index_elements=list(unique)), list(rows))
