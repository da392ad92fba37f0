"""A static member's name belongs to one process, which holds a lock of the database under it.

Two processes under one name take the group's partitions from each other, or one of them gets
none and waits: Kafka may tell neither. The lock is the connection's, so it goes with its process.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import psycopg

_TAKE = "SELECT pg_try_advisory_lock(%s)"
# A process whose machine is gone must not keep its name for the two hours of TCP's defaults.
_NOTICE_DEATH = """
SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3
"""


class InstanceName:
    """One process's claim to a name in a group; PostgreSQL only."""

    def __init__(self, database_url: str, group: str, name: str) -> None:
        self._url = database_url
        digest = blake2b(f"{group}\0{name}".encode(), digest_size=8).digest()
        self._key = int.from_bytes(digest, "big", signed=True)
        self._connection: psycopg.Connection[Any] | None = None
        self._held = False

    def hold(self) -> bool:
        """Take the name, or see that it is still ours; False while another process has it.

        Raises the driver's errors while the database is away; then the name is taken anew.
        """
        try:
            if self._connection is None:
                self._connection = self._connect()
            if self._held:
                self._connection.execute("SELECT 1")
            else:
                found = self._connection.execute(_TAKE, [self._key]).fetchone()
                self._held = found is not None and found[0]
        except psycopg.Error:
            self.release()
            raise
        return self._held

    def release(self) -> None:
        """Let the name go, with its connection."""
        connection, self._connection, self._held = self._connection, None, False
        if connection is not None:
            connection.close()

    def _connect(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(
            self._url, autocommit=True, connect_timeout=5, application_name="leadline-instance"
        )
        connection.execute(_NOTICE_DEATH)
        return connection
