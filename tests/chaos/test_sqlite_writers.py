"""Processes that write one SQLite file at once: none fails, and a deferred BEGIN does."""

import sqlite3
import threading

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from shared.store.session import Database

WRITERS, WRITES = 4, 60
START = "INSERT INTO setting (name, value) VALUES ('counter', '0')"
READ = "SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'counter'"
RAISE = "UPDATE setting SET value = :value WHERE name = 'counter'"


@pytest.fixture
def processes(sqlite_url):
    """As many engines on one file as there are processes: each has a lock of its own."""
    opened = [Database(sqlite_url) for _ in range(WRITERS)]
    with opened[0].write() as connection:
        connection.execute(text(START))
    yield opened
    for database in opened:
        database.close()


def test_who_reads_and_then_writes_waits_for_the_others(processes):
    failed = count_together(processes)

    assert (failed, counter(processes[0])) == (0, WRITERS * WRITES)


def test_with_a_deferred_begin_readers_that_turn_writers_fail(processes):
    """The control: what the product would be without BEGIN IMMEDIATE."""
    for database in processes:
        event.listen(database.engine, "before_cursor_execute", deferred, retval=True)

    failed = count_together(processes)

    assert failed > 0
    assert counter(processes[0]) == WRITERS * WRITES - failed


def deferred(_connection, _cursor, statement, parameters, _context, _many):
    return statement.replace("BEGIN IMMEDIATE", "BEGIN"), parameters


def count_together(processes):
    """Let each raise the counter many times at once; return how many transactions failed."""
    begin, failures = threading.Barrier(len(processes)), []

    def work(database):
        begin.wait()
        for _ in range(WRITES):
            try:
                with database.write() as connection:
                    value = connection.scalar(text(READ)) + 1
                    connection.execute(text(RAISE), {"value": str(value)})
            except (OperationalError, sqlite3.OperationalError) as error:
                failures.append(error)

    threads = [threading.Thread(target=work, args=(database,)) for database in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(failures)


def counter(database):
    with database.read() as connection:
        return connection.scalar(text(READ))
