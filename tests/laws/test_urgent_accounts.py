"""Evidence is noticed once, whatever the order in which transactions commit; on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from services.signals.store.urgent import PATIENCE_SECONDS, UrgentAccounts
from shared.store.tables import EvidenceRow
from tests.support.factory import FakeClock

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


class World:
    def __init__(self, database):
        self.database, self.clock = database, FakeClock(NOW)
        self.urgent = UrgentAccounts(self.clock, timedelta(days=2))
        self.look()

    def commit(self, seq, account, kind="complaint"):
        """Store one row under a number drawn earlier."""
        with self.database.write() as connection:
            connection.execute(
                insert(EvidenceRow).values(
                    seq=seq, account_id=account, kind=kind, ref="T", time=NOW, recorded_at=NOW,
                    source_id=1, event_id=f"e{seq}", data={},
                )
            )  # fmt: skip

    def look(self):
        with self.database.read() as connection:
            return self.urgent.waiting(connection, NOW)


@pytest.fixture
def world(database):
    return World(database)


def test_an_account_waits_until_it_was_looked_at(world):
    world.commit(1, account=7)
    assert world.look() == [7]
    assert world.look() == [7]
    world.urgent.done([7])
    assert world.look() == []


def test_a_row_that_commits_after_a_later_number_is_noticed(world):
    world.commit(2, account=8)
    world.urgent.done(world.look())
    world.commit(1, account=7)
    assert world.look() == [7]


def test_what_was_there_before_the_process_waits_for_its_turn(world):
    world.commit(1, account=7)
    later = UrgentAccounts(world.clock, timedelta(days=2))
    with world.database.read() as connection:
        assert later.waiting(connection, NOW) == []
        assert later.waiting(connection, NOW) == []


def test_master_data_is_not_urgent(world):
    world.commit(1, account=7, kind="account")
    assert world.look() == []


def test_who_cannot_be_claimed_for_long_waits_like_the_others(world):
    world.commit(1, account=7)
    assert world.look() == [7]
    world.clock.pass_seconds(PATIENCE_SECONDS)
    assert world.look() == []
