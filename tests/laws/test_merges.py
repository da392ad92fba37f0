"""Who is merged into whom, as of a day, on either database; whose the facts are then."""

from datetime import UTC, datetime, timedelta

import pytest

from services.signals.alerting.account import AccountViews
from services.signals.features.facts import DAY_MICROS
from services.signals.store.facts import load_facts
from services.signals.store.merges import merge_targets, merges_hold_until
from shared.store.base import to_micros
from tests.support.factory import Installation

EPOCH_DAY = to_micros(datetime(2026, 3, 1, tzinfo=UTC)) // DAY_MICROS


class World(Installation):
    """Accounts that say something on days counted from the 1st of March."""

    def say(self, account, day, **data):
        at = datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(days=day)
        self.take(self.event("account", account, at, {"name": account, **data}, "/crm"))

    def names(self):
        found = self.rows("SELECT id, account_id FROM account")
        return {row["id"]: row["account_id"] for row in found}

    def merged(self, day=None):
        """Return who went into whom, as of a day; None for now."""
        names = self.names()
        with self.database.read() as connection:
            found = merge_targets(connection, None if day is None else EPOCH_DAY + day)
        return {names[one]: names[other] for one, other in found.items()}

    def hold_until(self, day):
        with self.database.read() as connection:
            return merges_hold_until(connection, EPOCH_DAY + day) - EPOCH_DAY

    def facts(self, *accounts, day=None):
        ids = {name: key for key, name in self.names().items()}
        with self.database.read() as connection:
            return load_facts(
                connection,
                [ids[one] for one in accounts],
                until_day=None,
                as_merged=None if day is None else EPOCH_DAY + day,
            )


@pytest.fixture
def world(database):
    return World(database)


def test_a_merge_counts_from_the_day_after_it_was_told_of(world):
    world.say("B", 0)
    world.say("A", 0)
    world.say("A", 5, merged_into="B")
    world.say("A", 7, merged_into="B")
    assert [world.merged(day) for day in (5, 6, 9)] == [{}, {"A": "B"}, {"A": "B"}]
    assert world.merged() == {"A": "B"}
    assert [world.hold_until(day) for day in (1, 5)] == [5, 5]
    assert world.hold_until(6) > 1_000, "the same said again changes nothing"


def test_a_merge_into_an_account_that_appears_later_counts_from_then(world):
    world.say("A", 1, merged_into="B")
    assert world.merged() == {}
    world.say("B", 4)
    assert [world.merged(day) for day in (4, 5)] == [{}, {"A": "B"}]
    assert world.hold_until(2) == 4


def test_each_day_knows_the_target_of_its_time(world):
    for name in "BC":
        world.say(name, 0)
    world.say("A", 1, merged_into="B")
    world.say("A", 3, merged_into="C")
    world.say("B", 5, merged_into="C")
    assert world.merged(2) == {"A": "B"}
    assert world.merged(4) == {"A": "C"}
    assert world.merged(6) == {"A": "C", "B": "C"}


def test_facts_are_the_targets_but_master_data_is_everybodys_own(world):
    world.say("B", 0, kam={"id": "k2"}, status="active")
    world.say("A", 1, kam={"id": "k1"}, status="merged", merged_into="B")
    world.bookings("A", weeks=3, start=datetime(2026, 2, 1, tzinfo=UTC))
    facts = world.facts("A", "B")
    assert facts.account.tolist() == [1, 1, 1]
    assert dict(facts.joined) == {1: ("A",)}
    views = AccountViews(facts)
    source, target = (views.as_of(at, EPOCH_DAY + 9) for at in (0, 1))
    assert (source.owner.id, target.owner.id) == ("k1", "k2")
    assert (target.name, target.status, target.merged_at) == ("B", "active", None)
    assert source.merged_at == (EPOCH_DAY + 1) * DAY_MICROS + 9 * 3_600_000_000
    before = world.facts("A", "B", day=1)
    assert before.account.tolist() == [0, 0, 0]
    assert dict(before.merged) == {}
