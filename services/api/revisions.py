"""By what committed alerts are known: between two equal revisions no list of them changed."""

from __future__ import annotations

from collections.abc import Hashable

from sqlalchemy import Engine

from shared.store.identity import IDENTITY
from shared.store.session import Database

_RAISED = "SELECT sum(raised) FROM alert_revision"
# A backup in the database's place counted something else.
_POSTGRESQL = f"SELECT {IDENTITY} || ' ' || ({_RAISED})"


def statement_engine(database: Database) -> Engine:
    """Return an engine for single reads.

    PostgreSQL reads committed data statement by statement anyhow; without a transaction there is
    none to roll back, and the driver forgets its prepared statements on that.
    """
    engine = database.engine
    return engine if database.sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")


class Revisions:
    """Looks at the revision of one database: how many commits changed what a list shows.

    Those are counted by triggers on all that such a list is read from (revision 0007 of the
    schema): alerts, people's acts, runs and acts on them, whose account it is, and on the event
    clock the evaluated day. Facts, which intake commits many times a second, are none of it.
    """

    def __init__(self, database: Database) -> None:
        self._engine = statement_engine(database)
        self._statement = _RAISED if database.sqlite else _POSTGRESQL

    def look(self) -> Hashable:
        """Return the revision as of some moment after this call."""
        with self._engine.connect() as connection:
            found: Hashable = connection.exec_driver_sql(self._statement).scalar_one()
            return found
