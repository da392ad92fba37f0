"""A process that is frozen in the middle of a statement does not keep its locks for ever."""

import psycopg
import pytest
from psycopg.pq import ExecStatus
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.signals.store.locks import EVALUATION, try_lock
from shared.store import stalled
from shared.store.session import Database
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

ROW = "INSERT INTO setting (name, value) VALUES ('row', '0')"
CHANGE = "UPDATE setting SET value = '1' WHERE name = 'row'"


@pytest.fixture
def database(postgres_url):
    opened = Database(postgres_url)
    with opened.write() as connection:
        connection.execute(text(ROW))
    yield opened
    opened.close()


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(stalled, "STALLED_SECONDS", 0)


def change(database):
    with database.write() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '500ms'"))
        connection.execute(text(CHANGE))


class Frozen:
    """A session that holds a lock and does not go on with a COPY that it has begun."""

    def __init__(self, url, statement, service="leadline"):
        self._session = psycopg.connect(url, application_name=service)
        self._session.execute(statement)
        self._session.pgconn.exec_(b"COPY source (uri) FROM STDIN")

    def go_on(self):
        """Return what the server answers, now that the COPY ends."""
        self._session.pgconn.put_copy_data(b"/tms/late\n")
        self._session.pgconn.put_copy_end()
        answer = self._session.pgconn.get_result()
        self._session.close()
        return answer.error_message if answer.status == ExecStatus.FATAL_ERROR else b"done"


def test_its_rows_are_free_for_the_next_who_asks_again(database, postgres_url, short):
    frozen = Frozen(postgres_url, CHANGE)

    with pytest.raises(OperationalError):
        change(database)
    change(database)

    assert b"terminating connection" in frozen.go_on()


def test_nor_does_one_that_the_server_calls_idle(database, postgres_url, short):
    frozen = psycopg.connect(postgres_url, application_name="leadline")
    frozen.execute(CHANGE)

    with pytest.raises(OperationalError):
        change(database)
    change(database)

    with pytest.raises(psycopg.OperationalError):
        frozen.execute("SELECT 1")
    frozen.close()


def test_its_turn_to_evaluate_goes_to_another(database, postgres_url, short):
    frozen = Frozen(postgres_url, f"SELECT pg_advisory_xact_lock({EVALUATION})")

    def taken():
        with database.write() as connection:
            return try_lock(connection, EVALUATION)

    assert not taken()
    eventually(taken, what="the lock")
    assert b"terminating connection" in frozen.go_on()


def test_who_is_only_slow_keeps_its_locks(database, postgres_url):
    slow = Frozen(postgres_url, CHANGE)

    with pytest.raises(OperationalError):
        change(database)

    assert slow.go_on() == b"done"


def test_a_process_of_another_service_is_left_alone(database, postgres_url, short):
    other = Frozen(postgres_url, CHANGE, service="something else")

    with pytest.raises(OperationalError):
        change(database)

    assert other.go_on() == b"done"
