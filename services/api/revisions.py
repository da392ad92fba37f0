"""By what committed alerts are known: between two equal revisions no list of them changed."""

from __future__ import annotations

from collections.abc import Hashable

from shared.store.identity import IDENTITY
from shared.store.session import Database

_RAISED = "SELECT sum(raised) FROM alert_revision"
# A backup in the database's place counted something else.
_POSTGRESQL = f"SELECT {IDENTITY} || ' ' || ({_RAISED})"


class Revisions:
    """Looks at the revision of one database: how many commits changed what a list shows.

    Those are counted by triggers on all that such a list is read from (revision 0007 of the
    schema): alerts, people's acts, runs and acts on them, whose account it is, and on the event
    clock the evaluated day. Facts, which intake commits many times a second, are none of it.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statement = _RAISED if database.sqlite else _POSTGRESQL

    def look(self) -> Hashable:
        """Return the revision as of some moment after this call."""
        with self._database.read() as connection:
            found: Hashable = connection.exec_driver_sql(self._statement).scalar_one()
            return found
