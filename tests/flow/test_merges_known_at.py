"""Who was merged into whom, as it was known: a merge that nobody had heard of joins nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from services.cli.commands.score import scored
from services.cli.known_at import fit_known_at
from services.signals.store.merges import merge_targets
from shared.runtime.settings import Settings
from shared.store.tables import AccountRow
from tests.support.factory import Installation

CUTOFF = datetime(2026, 6, 1, tzinfo=UTC)
DAY = (CUTOFF - datetime(1970, 1, 1, tzinfo=UTC)).days
SOON, LATE = CUTOFF - timedelta(days=20), CUTOFF + timedelta(days=20)


class World(Installation):
    """A and B book every week until the cutoff; what is told of their merge comes when it comes."""

    def say(self, account, time, recorded, noun="account", **data):
        given = self.event(noun, account, time, {"name": account} | data, "/crm")
        self.take(given | {"recordedtime": recorded.isoformat()})

    def book(self, account, *, weeks, recorded=None):
        for week in range(weeks):
            at = CUTOFF - timedelta(days=7 * week + 3)
            data = {"booking_ref": f"{account}-{week}", "phase": "confirmed"}
            self.say(account, at, recorded or at, "booking", **data)

    def merged(self, known=None, day=DAY):
        with self.database.read() as connection:
            names = dict(tuple(row) for row in connection.execute(_NAMES))
            found = merge_targets(connection, day, known)
        return {names[one]: names[other] for one, other in found.items()}

    def score(self, account, known):
        with self.database.read() as connection:
            key = connection.scalar(select(AccountRow.id).where(AccountRow.account_id == account))
        settings = Settings(_env_file=None)
        return json.dumps(scored(self.database, settings, key, DAY, known, explain=True))


_NAMES = select(AccountRow.id, AccountRow.account_id)


@pytest.fixture
def world(database):
    world = World(database, "wall", now=CUTOFF + timedelta(days=60))
    world.book("A", weeks=30)
    world.book("B", weeks=20)
    return world


def test_a_merge_heard_of_later_changes_no_old_byte(world):
    then = [world.score(name, CUTOFF) for name in "AB"]
    world.say("A", SOON, LATE, merged_into="B")
    assert [world.score(name, CUTOFF) for name in "AB"] == then
    assert world.score("B", LATE) != then[1]
    assert world.merged() == world.merged(LATE) == {"A": "B"}
    assert world.merged(CUTOFF) == {}


def test_a_merge_taken_back_later_still_held_then(world):
    world.say("A", SOON, SOON, merged_into="B")
    then = [world.score(name, CUTOFF) for name in "AB"]
    world.say("A", SOON + timedelta(days=1), LATE, merged_into=None)
    assert [world.score(name, CUTOFF) for name in "AB"] == then
    assert (world.merged(CUTOFF), world.merged(LATE)) == ({"A": "B"}, {})


def test_a_merge_into_an_account_of_which_nothing_had_arrived_is_none(world):
    world.say("A", SOON, SOON, merged_into="C")
    world.book("C", weeks=20, recorded=LATE)
    assert (world.merged(CUTOFF), world.merged(LATE)) == ({}, {"A": "C"})


def test_the_population_of_then_is_not_joined_by_later_merges(world):
    for name in "DEFGH":
        world.book(name, weeks=4 + ord(name) % 5)
    early = CUTOFF - timedelta(days=70)
    with world.database.read() as connection:
        then = fit_known_at(connection, DAY, CUTOFF)
    world.say("A", early, LATE, merged_into="B")
    with world.database.read() as connection:
        assert fit_known_at(connection, DAY, CUTOFF) == then
        assert fit_known_at(connection, DAY, LATE) != then


def test_known_at_the_end_of_time_are_the_merges_of_now(world):
    world.say("A", SOON, SOON, merged_into="B")
    world.say("B", SOON, LATE, merged_into="A")
    world.say("B", SOON + timedelta(days=2), LATE, merged_into=None)
    assert world.merged(LATE) == world.merged() == {"A": "B"}
