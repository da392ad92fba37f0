"""Which faults of a database pass by themselves."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError

PASSING = (psycopg.OperationalError, psycopg.InterfaceError, sqlite3.OperationalError)
"""Crash, shutdown, lost connection, lock and statement time-outs, deadlock, a busy file."""


def is_passing(error: BaseException | None) -> bool:
    """Tell whether the same work may succeed later; raw driver errors and wrapped ones alike."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or is_passing(error.orig)
    return isinstance(error, PASSING)
