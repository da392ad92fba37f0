"""The alerts' revision is another one after every commit that changes a list, and no other."""

from contextlib import ExitStack

import pytest
from sqlalchemy import delete, text, update

from services.api.revisions import Revisions
from shared.store.session import Database
from shared.store.tables import AccountRow, AlertActionRow, AlertRow, SignalsProgressRow
from tests.support.factories import NOW, Factory

WRITES = {
    "an alert that opens": lambda make, _write: make.alert("a2", "ACC-1"),
    "an alert that changes": lambda _make, write: write(update(AlertRow).values(band="critical")),
    "an alert that is dropped": lambda _make, write: write(delete(AlertRow)),
    "an act": lambda make, _write: snoozed(make),
    "an act that is erased": lambda _make, write: write(delete(AlertActionRow)),
    "a run": lambda make, _write: make.run("r2", "ACC-1", alert_id="a1"),
    "an act on a run": lambda make, _write: make.run_act("r1", "complete_task", task_id="call"),
    "another owner": lambda _make, write: write(update(AccountRow).values(kam_id="kam-b")),
    "nobody's account": lambda _make, write: write(update(AccountRow).values(kam_id=None)),
    "another account": lambda make, _write: make.account("ACC-2"),
    "a day that was evaluated": lambda _make, write: write(
        update(SignalsProgressRow).values(evaluated_day=20_001)
    ),
}
OTHERS = {
    "facts": "UPDATE account_facts SET revision = revision + 1",
    "scores": "DELETE FROM account_score",
    "master data": "UPDATE account SET name = 'Other', kam_id = kam_id",
    "what signals has read": "UPDATE signals_progress SET actions_seen = 7, evaluated_day = 20000",
    "settings": "DELETE FROM setting WHERE name = 'none'",
}


def snoozed(make, alert="a1"):
    make.add(AlertActionRow, alert_id=alert, kind="snooze", actor="kam-a", at=NOW, until=NOW)


@pytest.fixture
def make(database):
    factory = Factory(database)
    factory.account("ACC-1")
    factory.alert("a1", "ACC-1")
    factory.run("r1", "ACC-1", alert_id="a1")
    snoozed(factory)
    factory.add(SignalsProgressRow, id=1, evaluated_day=20_000, actions_seen=0, run_actions_seen=0)
    return factory


def writer(database):
    def write(statement):
        with database.write() as connection:
            connection.execute(statement)

    return write


@pytest.mark.parametrize("what", WRITES)
def test_it_rises_with(what, database, make):
    revisions = Revisions(database)
    before = revisions.look()

    WRITES[what](make, writer(database))

    assert revisions.look() not in {before, None}


@pytest.mark.parametrize("what", OTHERS)
def test_it_stays_with(what, database, make):
    revisions = Revisions(database)
    before = revisions.look()

    writer(database)(text(OTHERS[what]))

    assert revisions.look() == before


def test_it_stays_until_the_commit_and_what_was_rolled_back_counts_for_nothing(database, make):
    revisions = Revisions(database)
    before, write = revisions.look(), update(AlertRow).values(band="watch")
    meanwhile = []

    def give_up():
        with database.write() as connection:
            connection.execute(write)
            meanwhile.append(revisions.look())
            raise LookupError

    with pytest.raises(LookupError):
        give_up()

    assert [*meanwhile, revisions.look()] == [before, before]


def test_a_write_after_a_rollback_to_a_savepoint_still_counts(database, make):
    revisions = Revisions(database)
    before, write = revisions.look(), update(AlertRow).values(band="watch")

    with database.write() as connection:
        savepoint = connection.begin_nested()
        connection.execute(write)
        savepoint.rollback()
        connection.execute(write)

    assert revisions.look() != before


@pytest.mark.postgres
def test_writers_do_not_wait_for_each_other_and_each_commit_is_another_revision(postgres_url):
    database = Database(postgres_url)
    writer(database)(text("DELETE FROM alert_revision WHERE slot > 1"))  # two are left for four
    revisions = Revisions(database)
    seen = {revisions.look()}

    with ExitStack() as held:
        connections = [held.enter_context(database.engine.connect()) for _ in range(4)]
        for connection in connections:
            connection.execute(text("SET LOCAL lock_timeout = '1s'"))
            connection.execute(text(_WORKED))
        seen.add(revisions.look())
        for connection in reversed(connections):
            connection.commit()
            seen.add(revisions.look())
    database.close()

    assert len(seen) == 1 + 4


_WORKED = """
INSERT INTO run_action (run_id, kind, actor, at) VALUES ('r1', 'complete_task', 'kam-a', 0)
"""
