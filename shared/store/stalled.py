"""Sessions whose process is frozen in the middle of a statement: nothing else would end them.

PostgreSQL ends a session that idles in a transaction, and cancels a statement that takes too
long; but one that waits for its client to go on, amid a COPY or a row of statements sent ahead,
it leaves alone, with all its locks, for as long as the client's machine answers at all. Amid such
a row it even calls it idle, and does not end it (seen for 58 s where the limit was 15).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

STALLED_SECONDS = 15
SPEAK_SECONDS = 4.0
_END = text("""
SELECT pid, pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND usename = current_user
  AND application_name = current_setting('application_name') AND pid <> pg_backend_pid()
  AND xact_start IS NOT NULL AND wait_event_type = 'Client'
  AND state_change < clock_timestamp() - make_interval(secs => :seconds)
""")

log = structlog.get_logger(__name__)


def end_stalled(connection: Connection) -> int:
    """End the sessions of this service whose clients have not gone on for long; return how many.

    Their transactions are rolled back. Whoever wakes meets a lost connection, and looks again.
    """
    ended = connection.execute(_END, {"seconds": STALLED_SECONDS}).all()
    for row in ended:
        log.warning("ended the session of a frozen process", pid=row.pid)
    return len(ended)


@contextmanager
def kept_alive(connection: Connection) -> Iterator[None]:
    """Let the server hear of a transaction that reckons for long: it ends those that are silent.

    From a thread of its own, so that no part of the work needs to think of it; a frozen process
    is silent nevertheless. The driver lets one thread at a time use a connection. On SQLite, which
    ends nobody, it does nothing.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    done = threading.Event()
    driver: Any = connection.connection.driver_connection
    thread = threading.Thread(target=_speak, args=(driver, done), name="kept-alive", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _speak(driver: Any, done: threading.Event) -> None:
    while not done.wait(SPEAK_SECONDS):
        try:
            driver.execute("SELECT 1")
        except psycopg.Error:
            return  # whoever works on the connection meets it, too


def waited_in_vain(error: BaseException) -> bool:
    """Tell whether a lock was not to be had in time."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, psycopg.errors.LockNotAvailable)
