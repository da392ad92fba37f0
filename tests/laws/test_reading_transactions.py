"""What stands open on PostgreSQL between two statements of a reader, and of a lock's holder."""

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from shared.store.session import Database

pytestmark = pytest.mark.postgres

STATE = "SELECT state FROM pg_stat_activity WHERE pid = %s"
INSERT = "INSERT INTO setting (name, value) VALUES ('row', '0')"
ROWS = "SELECT count(*) FROM setting WHERE name = 'row'"
PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE NOT from_sql"


@pytest.fixture
def opened(postgres_url):
    database = Database(postgres_url)
    yield database
    database.close()


def state_between_statements(database, connection):
    pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with psycopg.connect(database.url, autocommit=True) as other:
        return other.execute(STATE, [pid]).fetchone()[0]


def insert_twice(database):
    with database.write() as connection:
        connection.exec_driver_sql(INSERT)
        connection.exec_driver_sql(INSERT)


def test_a_reader_may_reckon_for_long_since_it_has_no_transaction(opened):
    with opened.read() as connection:
        assert state_between_statements(opened, connection) == "idle"


def test_who_holds_a_lock_has_one_until_the_end(opened):
    with opened.hold() as connection:
        assert state_between_statements(opened, connection) == "idle in transaction"
    with opened.hold() as connection:
        held = connection.exec_driver_sql("SELECT pg_try_advisory_xact_lock(1)").scalar_one()
        with opened.hold() as other:
            taken = other.exec_driver_sql("SELECT pg_try_advisory_xact_lock(1)").scalar_one()
    assert (held, taken) == (True, False)


def test_a_write_after_a_read_on_the_same_connection_is_one_transaction(opened):
    with opened.read() as connection:
        connection.exec_driver_sql("SELECT 1")
    with pytest.raises(IntegrityError):
        insert_twice(opened)
    with opened.read() as connection:
        assert connection.exec_driver_sql(ROWS).scalar_one() == 0


def test_statements_that_were_prepared_outlive_a_read(opened):
    def prepared():
        with opened.read() as connection:
            for _ in range(6):
                connection.exec_driver_sql("SELECT uri FROM source WHERE id = %s", (1,))
            return connection.exec_driver_sql(PREPARED).scalar_one()

    once = prepared()
    assert once > 0
    assert prepared() >= once
