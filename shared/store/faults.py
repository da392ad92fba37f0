"""Which faults of a database pass by themselves."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

PASSING = (psycopg.OperationalError, psycopg.InterfaceError, sqlite3.OperationalError)
"""Crash, shutdown, lost connection, lock and statement time-outs, deadlock, a busy file."""


def is_passing(error: BaseException | None) -> bool:
    """Tell whether the same work may succeed later; raw driver errors and wrapped ones alike."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or is_passing(error.orig)
    return isinstance(error, PASSING)


_OF_VALUES = (
    psycopg.DataError, psycopg.IntegrityError, sqlite3.DataError, sqlite3.IntegrityError,
)  # fmt: skip
_OF_STATEMENTS = (psycopg.Error, sqlite3.Error, SQLAlchemyError)


def unwrapped(error: BaseException) -> BaseException:
    """Return the fault itself, without the statement and its values that SQLAlchemy adds."""
    inner = error.orig if isinstance(error, StatementError) else None
    return error if inner is None else inner


def is_of_a_value(error: BaseException) -> bool:
    """Tell whether a value may be at fault, rather than the database, its schema or a statement.

    What fails outside the database while a value is being stored is of that value too.
    """
    inner = unwrapped(error)
    return isinstance(inner, _OF_VALUES) or not isinstance(inner, _OF_STATEMENTS)
