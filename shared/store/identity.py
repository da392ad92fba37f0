"""Which database this is: a restored backup may take its place while processes run.

Row ids, revisions and versions that a process has in mind are of one database; another one may
use them for something else.
"""

from __future__ import annotations

from sqlalchemy import Connection

IDENTITY = """
(SELECT concat_ws(' ', pg_postmaster_start_time(), oid, pg_relation_filenode('account'))
FROM pg_database WHERE datname = current_database())
"""
"""On PostgreSQL the server's start, the database and the file of its accounts.

A backup holds none of them: whether it is restored under the old name, into the old tables or as a
whole server, one differs. A restart of the server does so, too.
"""


def database_identity(connection: Connection) -> str | None:
    """Return what is another text once another database stands in this one's place.

    None on SQLite: open connections stay with the file, wherever its name leads since.
    """
    if connection.dialect.name == "sqlite":
        return None
    found: str = connection.exec_driver_sql(f"SELECT {IDENTITY}").scalar_one()
    return found
