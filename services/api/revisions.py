"""By what committed data are known: between two equal revisions nothing was committed."""

from __future__ import annotations

from collections.abc import Hashable

from sqlalchemy import Connection, Engine

from shared.store.session import Database

_SNAPSHOT = "SELECT CAST(pg_postmaster_start_time() AS text) || CAST(pg_current_snapshot() AS text)"


def statement_engine(database: Database) -> Engine:
    """Return an engine for single reads.

    PostgreSQL reads committed data statement by statement anyhow; without a transaction there is
    none to roll back, and the driver forgets its prepared statements on that.
    """
    engine = database.engine
    return engine if database.sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")


class Revisions:
    """Looks at the revision of one database; by one thread at a time.

    PostgreSQL: the server and its snapshot, which names all transactions it sees. SQLite: a counter
    that only one and the same connection may compare, and that counts the others' commits.
    """

    def __init__(self, database: Database) -> None:
        self._engine, self._sqlite = statement_engine(database), database.sqlite
        self._held: Connection | None = None

    def look(self) -> Hashable:
        """Return the revision as of some moment after this call."""
        if not self._sqlite:
            with self._engine.connect() as connection:
                return _scalar(connection, _SNAPSHOT)
        if self._held is None:
            self._held = self._engine.connect()
        return _scalar(self._held, "PRAGMA data_version")

    def close(self) -> None:
        """Give back what is held."""
        if self._held is not None:
            self._held.close()
            self._held = None


def _scalar(connection: Connection, statement: str) -> Hashable:
    found: Hashable = connection.exec_driver_sql(statement).scalar_one()
    return found
