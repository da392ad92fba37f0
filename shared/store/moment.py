"""The present as all processes of an installation have it."""

from __future__ import annotations

from sqlalchemy import Connection, text

SHARED_MICROS = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
"""What `shared_micros` asks PostgreSQL for, where a statement can ask it beside its own work."""
_NOW = text(f"SELECT {SHARED_MICROS}")


def shared_micros(connection: Connection, own: int) -> int:
    """Return the present by PostgreSQL's clock, in microseconds; on SQLite `own`.

    What one process writes and another compares with its own present goes by this: their clocks
    may be apart by minutes. SQLite has one process, so its own clock is everybody's.
    """
    if connection.dialect.name == "sqlite":
        return own
    return int(connection.scalar(_NOW) or own)
