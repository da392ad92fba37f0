"""Account events of one moment: source, then id decide by their code points, in any locale."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from services.api.queries.explained import explanations
from services.signals.store.facts import load_facts
from services.signals.store.merges import merge_targets
from shared.store.tables import AccountRow
from tests.support.factory import Installation

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = (AT + timedelta(days=9) - datetime(1970, 1, 1, tzinfo=UTC)).days


class World(Installation):
    """Accounts of which two sources, or one twice, tell at the same moment."""

    def say(self, account, source="/s", name="e", **data):
        event = self.event("account", account, AT, {"name": account} | data, source)
        self.take(event | {"id": f"{account}{name}"})

    def names(self):
        with self.database.read() as connection:
            return dict(
                map(tuple, connection.execute(select(AccountRow.id, AccountRow.account_id)))
            )


@pytest.fixture
def world(database):
    """A world whose database, if it has locales, has one."""
    if not database.sqlite:
        with database.write() as connection:
            for table, column in (("source", "uri"), ("evidence", "event_id")):
                change = f'ALTER TABLE {table} ALTER {column} TYPE varchar COLLATE "en-x-icu"'
                connection.execute(text(change))
    return World(database)


TIES = pytest.mark.parametrize(
    ("first", "last"),
    [({"source": "/Z"}, {"source": "/a"}), ({"name": "Z"}, {"name": "a"})],
    ids=["of two sources", "of one"],
)
"""What a locale has the other way round."""


@TIES
def test_the_master_data_that_is_kept_is_what_the_scores_use(world, first, last):
    world.say("A", **last, status="active", tier="last")
    world.say("A", **first, status="on_hold", tier="first")
    (row,) = world.rows("SELECT id, status, tier FROM account")
    with world.database.read() as connection:
        facts = load_facts(connection, [row["id"]], until_day=None)
    assert [fact.data["tier"] for fact in facts.evidence] == ["first", "last"]
    assert (row["status"], row["tier"]) == ("active", "last")


@TIES
def test_the_last_named_of_two_targets_is_the_same_everywhere(world, first, last):
    for name in "BC":
        world.say(name)
    world.say("A", **last, merged_into="C")
    world.say("A", **first, merged_into="B")
    names = world.names()
    with world.database.read() as connection:
        for day in (None, DAY):
            found = merge_targets(connection, day)
            assert {names[one]: names[other] for one, other in found.items()} == {"A": "C"}


@TIES
def test_a_hold_began_when_the_event_that_leaves_it_says_so(world, first, last):
    world.say("A", **last, status="on_hold", hold_reason="credit")
    world.say("A", **first, status="active")
    (row,) = world.rows("SELECT id AS row_id, account_id, status, hold_reason FROM account")
    account = SimpleNamespace(**row, state="scored", in_season=False)
    with world.database.read() as connection:
        found = explanations(connection, [account], {})
    assert found == {row["row_id"]: {"reason": "hold", "since": AT}}
