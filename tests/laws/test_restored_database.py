"""A writer that lives through the restore of a backup writes as one that began after it."""

import pytest
from sqlalchemy import text

from services.ingest.intake import EventIntake
from shared.store.session import Database
from tests.support.cloudevents import booking
from tests.support.factories import FixedClock

pytestmark = pytest.mark.postgres


def by_account(database):
    statement = text(
        "SELECT a.account_id, count(*) FROM event e LEFT JOIN account a ON a.id = e.account_id"
        " GROUP BY a.account_id"
    )
    with database.read() as connection:
        return dict(connection.execute(statement).all())


def take(intake, *accounts):
    found = intake.accept([booking(account, account=account) for account in accounts])
    assert [one.status for one in found] == ["accepted"] * len(accounts)


def restored_beside(server, url):
    server.replace_database(url, server.create_database())


def restored_into_the_tables(server, url):
    database = Database(url)
    with database.write() as connection:
        tables = "event, account, account_facts, feed, feed_hour, feed_account, series, source"
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    database.close()


@pytest.mark.parametrize("restore", [restored_beside, restored_into_the_tables])
def test_facts_go_to_their_accounts_after_a_backup_took_the_databases_place(
    restore, postgres_server
):
    url = postgres_server.create_database()
    database = Database(url)
    intake = EventIntake(database, FixedClock())
    take(intake, "ACC-1", "ACC-2")

    restore(postgres_server, url)
    take(intake, "ACC-3")
    take(intake, "ACC-2", "ACC-1")

    assert by_account(database) == {"ACC-1": 1, "ACC-2": 1, "ACC-3": 1}
    database.close()
    postgres_server.drop_database(url)
