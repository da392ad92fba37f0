"""The score as it was known: what arrives later changes no byte of it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from services.cli.commands.score import scored
from services.signals.store.facts import load_facts
from shared.runtime.settings import Settings
from shared.store.tables import AccountRow
from tests.support.factory import Installation

CUTOFF = datetime(2026, 6, 1, tzinfo=UTC)
DAY = (CUTOFF - datetime(1970, 1, 1, tzinfo=UTC)).days
NOW = CUTOFF + timedelta(days=60)


@pytest.fixture
def world(database):
    """An account that books twice a month, each booking known five minutes later."""
    world = Installation(database, "wall", now=NOW)
    for month in range(1, 6):
        for day in (3, 17):
            at = datetime(2026, month, day, 9, tzinfo=UTC)
            tell(world, "booking", at, at + timedelta(minutes=5),
                 {"booking_ref": f"B{month}-{day}", "phase": "confirmed", "teu": 2})  # fmt: skip
    return world


def tell(world, noun, at, recorded, data):
    world.take(world.event(noun, "ACC", at, data) | {"recordedtime": recorded.isoformat()})


def told(world, known=None):
    """Return the explained score, as bytes."""
    with world.database.read() as connection:
        key = connection.scalar(select(AccountRow.id).where(AccountRow.account_id == "ACC"))
    settings = Settings(_env_file=None)
    found = scored(world.database, settings, key, DAY, known, explain=True)
    return json.dumps(found, default=str).encode()


def test_late_facts_of_every_kind_change_no_old_byte(world):
    then, today = told(world, CUTOFF), told(world)
    late = CUTOFF + timedelta(days=20)
    days = [CUTOFF - timedelta(days=back) for back in (3, 10, 16, 12)]
    tell(world, "booking", days[0], late, {"booking_ref": "NEW", "phase": "confirmed"})
    tell(world, "booking", days[1], late,
         {"booking_ref": "B5-17", "phase": "cancelled", "by": "customer"})  # fmt: skip
    tell(world, "booking", days[2], late,
         {"booking_ref": "B5-17", "phase": "requested", "mode": "air"})  # fmt: skip
    complaint = {"ticket_ref": "T", "phase": "opened", "severity": 1}
    tell(world, "complaint", days[3], late, complaint)
    assert told(world, CUTOFF) == then
    assert told(world) != today, "in hindsight it is another score"

    tell(world, "complaint", days[3], CUTOFF, complaint | {"ticket_ref": "U"})
    assert told(world, CUTOFF) != then, "what had arrived counts"


def test_known_at_the_end_of_time_is_all_that_is_known(world):
    for back in (5, 6, 7):
        at = CUTOFF - timedelta(days=back)
        rolled = {"booking_ref": f"R{back}", "phase": "rolled", "by": "carrier"}
        tell(world, "booking", at, at, rolled)
    known = json.loads(told(world, NOW + timedelta(days=999)))
    assert known.pop("known_at").startswith("2029")
    assert known == json.loads(told(world))
    (reason,) = [one for one in known["reasons"] if one["code"] == "bookings_rolled"]
    assert len(reason["event_ids"]) == 3


def test_what_others_did_counts_from_when_it_was_known_too(world):
    def others(number, recorded):
        for back in range(40, 200, 11 + number):
            at = CUTOFF - timedelta(days=back)
            booked = {"booking_ref": f"O{number}-{back}", "phase": "confirmed"}
            event = world.event("booking", f"OTHER-{number}", at, booked)
            world.take(event | {"recordedtime": (recorded or at).isoformat()})

    others(1, None)
    then = told(world, CUTOFF)
    for number in range(2, 6):
        others(number, CUTOFF + timedelta(days=9))
    assert told(world, CUTOFF) == then
    assert told(world) != then, "the population looks otherwise in hindsight"


def test_a_backtest_may_let_a_fact_count_from_the_day_on_which_it_was_known(world):
    tell(world, "booking", CUTOFF - timedelta(days=3), CUTOFF + timedelta(days=20),
         {"booking_ref": "NEW", "phase": "confirmed"})  # fmt: skip
    with world.database.read() as connection:
        key = connection.scalar(select(AccountRow.id))
        own = load_facts(connection, [key], until_day=None)
        known = load_facts(connection, [key], until_day=None, as_known=True)
    assert own.effect_day.max() == DAY - 3
    assert known.effect_day.max() == DAY + 20
    assert known.day.max() == DAY - 3
