"""One process on a SQLite file: two would each take themselves for the only one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.cli.common import CommandError
from shared.store.session import Database

LOCK_SUFFIX = ".lock"
"""Beside the database's file, not that file: closing it would end SQLite's own locks."""


@contextmanager
def only_process(database: Database) -> Iterator[None]:
    """Hold the SQLite file for this process; raise `CommandError` where another one has it.

    The lock ends with the process, however that ends. PostgreSQL is shared by any number.
    """
    path = database.engine.url.database if database.sqlite else None
    if not path:
        yield
        return
    with Path(path + LOCK_SUFFIX).open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise CommandError(
                f"Leadline runs on {path} already (process {file.read().strip() or 'unknown'}):"
                " one at a time can; stop that one, or name another LEADLINE_DATABASE_URL (of a"
                " demo: --data)"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
