"""Rows through the driver's own cursor: no object is made per row and column.

For readers of many rows. On PostgreSQL in binary form: bytes as text cost 20 us a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection


def driver_rows(
    connection: Connection, statement: str, ids: Sequence[int] | None = None
) -> list[Any]:
    """Return a statement's rows as plain tuples; `ids` bind each `{ids}`."""
    driver: Any = connection.connection.driver_connection
    places = statement.count("{ids}")
    if connection.dialect.name == "sqlite":
        if ids is None:
            return list(driver.execute(statement).fetchall())
        listed = msgspec.json.encode(list(ids)).decode()
        bound = statement.replace("{ids}", "IN (SELECT value FROM json_each(?))")
        return list(driver.execute(bound, (listed,) * places).fetchall())
    bound = statement.replace("{ids}", "= ANY(%s)")
    values = None if ids is None else (list(ids),) * places
    return list(driver.execute(bound, values, binary=True).fetchall())


def json_value(given: Any) -> Any:
    """Return a JSON column's value: PostgreSQL's driver has decoded it, SQLite's gives text."""
    return msgspec.json.decode(given) if isinstance(given, str | bytes) else given
