"""People's acts are told in the order of their ids, which is not the order of their commits."""

from __future__ import annotations

from sqlalchemy import Connection, text

ACTS = 4_207_005
_ONE_OF_MANY = text(f"SELECT pg_advisory_xact_lock_shared({ACTS})")
_ALONE = text(f"SELECT pg_advisory_xact_lock({ACTS})")


def before_act(connection: Connection) -> None:
    """Say that this transaction is about to add an act; SQLite has one writer anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(_ONE_OF_MANY)


def after_acts(connection: Connection) -> None:
    """Wait until everybody who was adding an act has committed, and let nobody begin meanwhile.

    From then on no act with a smaller id than one that is seen can still appear. Call it before
    taking any other lock: who adds an act may hold some.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_ALONE)
