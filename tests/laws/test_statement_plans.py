"""Statements over tables that only grow are led by an index: what they read does not grow along."""

import pytest

from services.signals.store.alerts import read_actions
from services.signals.store.reports import told_risks
from shared.store.session import Database

OPENED = ("SELECT ", "WITH ")


@pytest.fixture
def plan_of(sqlite_url):
    """Return what SQLite says of how it finds the rows of a reader's statements."""
    database = Database(sqlite_url)

    def plan(read):
        statements = []
        with database.read() as connection:
            driver = connection.connection.driver_connection
            driver.set_trace_callback(statements.append)
            read(connection)
            driver.set_trace_callback(None)
            return [
                row[3]
                for one in statements
                if one.lstrip().startswith(OPENED)
                for row in driver.execute(f"EXPLAIN QUERY PLAN {one}")
            ]

    yield plan
    database.close()


def scanned(plan):
    return [step for step in plan if step.startswith("SCAN") and "json_each" not in step]


def test_what_people_did_on_some_accounts_is_found_by_these(plan_of):
    plan = plan_of(lambda connection: read_actions(connection, [1, 2]))
    assert [step for step in plan if step.startswith("SEARCH act ")]
    assert scanned(plan) == ["SCAN done"]  # of both arms, for their order


def test_the_risks_that_were_told_are_found_by_account_and_moment(plan_of):
    plan = plan_of(lambda connection: told_risks(connection, [1, 2], [20_000, 20_030]))
    (step,) = [step for step in plan if "signal" in step]
    assert "ix_signal_account_as_of (account_id=? AND as_of=?)" in step
