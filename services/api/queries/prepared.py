"""Statements compiled once per shape and run as text: rows come as the driver gives them.

Building and keying a statement, and converting each value by its column's type, cost more than
the database does. What is read this way is in the driver's types: times are microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, Dialect, Select

Shape = TypeVar("Shape", bound=tuple[Any, ...])


class Prepared(NamedTuple):
    """A statement as text, its own parameters, and their order where they have no names."""

    text: str
    own: Mapping[str, Any]
    order: Sequence[str] | None

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Run it; `values` may hold more than it needs."""
        given = {**self.own, **values}
        if self.order is not None:
            return connection.exec_driver_sql(
                self.text, tuple([given[name] for name in self.order])
            ).all()
        return connection.exec_driver_sql(self.text, given).all()


def prepared_by(
    build: Callable[[Shape], Select[*tuple[Any, ...]]], *, shapes: int = 256
) -> Callable[[Connection, Shape], Prepared]:
    """Return a lookup of `build`'s statements, compiled for the connection's database."""

    @lru_cache(maxsize=shapes)
    def compiled(shape: Shape, dialect: Dialect) -> Prepared:
        found = build(shape).compile(dialect=dialect)
        order = getattr(found, "positiontup", None)  # None where parameters have names
        return Prepared(str(found), found.params, None if order is None else tuple(order))

    return lambda connection, shape: compiled(shape, connection.dialect)
