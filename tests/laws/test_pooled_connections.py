"""What a pooled connection asks of the server, and when the server has ended it."""

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from shared.store import session
from shared.store.session import Database

pytestmark = pytest.mark.postgres


@pytest.fixture
def pooled(postgres_url):
    database = Database(postgres_url)
    yield database
    database.close()


def ask(database):
    with database.read() as connection:
        return connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()


def end(database):
    """Use the pool's one connection, and end its backend."""
    with psycopg.connect(database.url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [ask(database)])


def test_one_that_has_rested_is_asked_first_and_replaced(pooled, monkeypatch):
    monkeypatch.setattr(session, "RESTED_S", 0.0)
    end(pooled)
    assert ask(pooled)


def test_one_that_was_in_use_a_moment_ago_fails_once_and_the_pool_forgets_all(pooled, monkeypatch):
    monkeypatch.setattr(session, "RESTED_S", 60.0)
    with pooled.read(), pooled.read():
        pass  # two connections lie in the pool
    end(pooled)
    with pytest.raises(OperationalError):
        [ask(pooled) for _ in range(2)]
    assert ask(pooled)
    assert ask(pooled)


def test_no_statement_waits_for_the_server_to_compile_it(pooled):
    with pooled.read() as connection:
        assert connection.exec_driver_sql("SHOW jit").scalar() == "off"
