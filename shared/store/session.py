"""One door to the database: an engine per process, `read` and `write` transactions.

Everything is synchronous on purpose: services run statements on threads, so a cancelled
task can never leave a half-known transaction, and one code path serves both databases.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import InvalidatePoolError

from shared.domain.folding import folded
from shared.runtime.clock import WallClock
from shared.store.stalled import end_stalled, waited_in_vain

BUSY_TIMEOUT_S = 10
RESTED_S = 1.0
_CLOCK = WallClock()
DEAD_PEER = {
    "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}  # fmt: skip
"""A server whose machine is gone is noticed in half a minute, not in hours."""
OF_A_STATEMENT = {"isolation_level": "AUTOCOMMIT"}
# Compiling a statement pays where it runs for minutes: a list of 50 alerts among 100,000 took 28 ms
# to read and 1,200 to compile, at every call.
POSTGRES_OPTIONS = (
    "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=15s"
    " -c jit=off"
)


def engine_url(database_url: str) -> str:
    """Name the driver: `postgresql://` becomes `postgresql+psycopg://`."""
    scheme, _, rest = database_url.partition("://")
    if scheme in {"postgresql", "postgres"}:
        return f"postgresql+psycopg://{rest}"
    return database_url


def is_sqlite(database_url: str) -> bool:
    """Tell whether the URL names a SQLite file."""
    return urlsplit(database_url).scheme.startswith("sqlite")


class Database:
    """The engine, and how its two databases take a write.

    On SQLite a process-wide lock queues the writers fairly; `BEGIN IMMEDIATE` and the busy
    timeout keep other processes out. On PostgreSQL rows are the locks.
    """

    def __init__(self, url: str, *, name: str = "leadline", pool_size: int = 5) -> None:
        self.url = url
        self.sqlite = is_sqlite(url)
        self.engine = _sqlite_engine(url) if self.sqlite else _postgres_engine(url, name, pool_size)
        # The same pool; SQLite's driver opens no transaction anyhow.
        self.reading = self.engine.execution_options(**{} if self.sqlite else OF_A_STATEMENT)
        self._writer = threading.Lock() if self.sqlite else nullcontext()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Statements that each read what is committed by then; between them nothing stands open.

        So a reader may reckon for as long as it likes: PostgreSQL ends whoever is idle amid a
        transaction. There is none to roll back either, on which the driver would forget its
        prepared statements.
        """
        with self.reading.connect() as connection:
            yield connection

    @contextmanager
    def hold(self) -> Iterator[Connection]:
        """Read in a transaction, for locks that end with it; it is rolled back.

        On SQLite, where nothing but a write holds others up, it is a `read`.
        """
        with (self.reading if self.sqlite else self.engine).connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back on an exception."""
        with self._writer, self.engine.connect() as connection:
            # Said aloud: what runs on the driver's own connection does not begin one for us.
            connection.begin()
            if self.sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException as error:
                connection.rollback()
                if waited_in_vain(error):
                    end_stalled(connection)
                    connection.rollback()
                raise
            connection.commit()

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _folded(text: str | None) -> str | None:
    return None if text is None else folded(text)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={
            "timeout": BUSY_TIMEOUT_S,
            "check_same_thread": False,
            # The driver must not open transactions of its own (a deferred BEGIN fails as
            # soon as a reader turns writer); `write` begins them.
            "isolation_level": None,
        },
    )

    @event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: Any, _record: object) -> None:
        dbapi_connection.create_function("folded", 1, _folded, deterministic=True)
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    return engine


def _postgres_engine(url: str, name: str, pool_size: int) -> Engine:
    engine = create_engine(
        engine_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_recycle=1800,
        connect_args={
            "application_name": name,
            "connect_timeout": 5,
            **DEAD_PEER,
            "options": POSTGRES_OPTIONS,
        },
    )
    _ping_what_has_rested(engine)
    return engine


def _ping_what_has_rested(engine: Engine) -> None:
    """Ask a pooled connection whether it still lives, unless it was in use a moment ago.

    Asking each time would cost a busy writer or reader one more answer to wait for. Where a server
    was restarted within that moment, the first statement fails as it would if it died a little
    later, and the pool forgets all of its connections.
    """

    @event.listens_for(engine, "checkin")
    def _put_back(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = _CLOCK.monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(connection: Any, record: Any, _proxy: object) -> None:
        since = record.info.get("rests_since")
        if since is None or _CLOCK.monotonic() - since < RESTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error
