"""A process that lives through the restore of a backup works as one that began after it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from services.api.revisions import Revisions
from services.ingest.intake import EventIntake
from services.signals.hazard.model import default_model
from services.signals.playbooks.library import load_library
from services.signals.worker.plays import LibraryPlays
from services.signals.worker.stepper import Stepper
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


def looked_at(database):
    statement = text(
        "SELECT a.account_id FROM account_score s JOIN account a ON a.id = s.account_id"
    )
    with database.read() as connection:
        return set(connection.scalars(statement))


def take(intake, *accounts):
    found = intake.accept([booking(account, account=account) for account in accounts])
    assert [one.status for one in found] == ["accepted"] * len(accounts)


def work(worker):
    while True:
        try:
            if not worker.step():
                return
        except OperationalError:  # the restore cut its connection; the loop tries again, too
            continue


def restored_beside(server, url):
    server.replace_database(url, server.create_database())


def restored_into_the_tables(server, url):
    database = Database(url)
    with database.write() as connection:
        tables = (
            "event, account, account_facts, account_score, feed, feed_hour, feed_account, series,"
            " source"
        )
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    database.close()


RESTORES = pytest.mark.parametrize("restore", [restored_beside, restored_into_the_tables])


@pytest.fixture
def database(postgres_url):
    database = Database(postgres_url)
    yield database
    database.close()


@RESTORES
def test_facts_go_to_their_accounts_after_a_backup_took_the_databases_place(
    restore, postgres_server, postgres_url, database
):
    intake = EventIntake(database, FixedClock())
    take(intake, "ACC-1", "ACC-2")

    restore(postgres_server, postgres_url)
    take(intake, "ACC-3")
    take(intake, "ACC-2", "ACC-1")

    assert by_account(database) == {"ACC-1": 1, "ACC-2": 1, "ACC-3": 1}


@RESTORES
def test_accounts_that_come_after_a_restore_are_looked_at(
    restore, postgres_server, postgres_url, database
):
    clock, plays = FixedClock(), LibraryPlays(load_library())
    worker = Stepper(database, clock, default_model(), plays, clock_name="wall")
    intake = EventIntake(database, clock)
    take(intake, "ACC-1", "ACC-2")
    work(worker)

    restore(postgres_server, postgres_url)
    take(intake, "ACC-3")
    work(worker)

    assert looked_at(database) == {"ACC-3"}


@RESTORES
def test_no_list_of_alerts_is_kept_over_a_restore(restore, postgres_server, postgres_url, database):
    revisions = Revisions(database)
    before = revisions.look()
    database.engine.dispose()  # what holds connections through a restore is tried above

    restore(postgres_server, postgres_url)

    assert revisions.look() != before
