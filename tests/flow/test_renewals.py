"""A renewal that comes near opens an alert with its own play, beside whatever else goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
ALERTS = """
SELECT type, reason_code, reason_text, playbook, opened_at, resolved_at, outcome FROM alert
WHERE opened_at IS NOT NULL ORDER BY type
"""
RUNS = "SELECT playbook FROM playbook_run ORDER BY playbook"


@pytest.fixture
def world(database):
    """An account that books weekly and whose agreement ends in 91 days."""
    found = Installation(database, "wall", NOW)
    found.bookings("ACC", weeks=60, start=NOW - timedelta(days=419))
    say(found, "account", name="A Ltd", renewal_date="2026-08-31", kam={"id": "k1", "name": "Linh"})
    found.work()
    return found


def say(world, noun, **data):
    at = world.clock.at - timedelta(minutes=1)
    world.take(world.event(noun, "ACC", at, data, "/crm"))


def days_pass(world, days):
    for _ in range(days):
        world.clock.pass_seconds(86_400)
        world.work()


def test_it_opens_once_with_the_play_of_its_gate_and_ends_when_the_date_moves(world):
    days_pass(world, 4)
    (alert,) = world.rows(ALERTS)
    assert (alert["type"], alert["reason_code"]) == ("renewal", "gate_90")
    assert alert["reason_text"] == "Renewal on 31 Aug 2026: time to decide it"
    assert alert["playbook"] == "renewal_t90"
    assert world.rows(RUNS) == [{"playbook": "renewal_t90"}]

    say(world, "account", name="A Ltd", renewal_date="2027-08-31")
    days_pass(world, 9)
    (alert,) = world.rows(ALERTS)
    assert alert["outcome"] == "explained_change"
    assert alert["reason_text"].endswith("; the renewal is on 31 Aug 2027 now")


def test_its_run_neither_waits_for_the_accounts_active_one_nor_holds_another_up(world):
    say(world, "complaint", ticket_ref="T1", phase="opened", severity=1)
    days_pass(world, 4)
    assert [one["playbook"] for one in world.rows(RUNS)] == ["complaint_resolution", "renewal_t90"]


def test_who_does_not_come_back_after_a_severe_complaint_gets_the_play_for_it(database):
    world = Installation(database, "event", NOW)
    left, solved = NOW - timedelta(days=50), NOW - timedelta(days=45)
    world.bookings("ACC", weeks=60, start=left - timedelta(days=420))
    world.bookings("OTHER", weeks=80, start=NOW - timedelta(days=559))
    for at, phase in ((left, "opened"), (solved, "solved")):
        ticket = {"ticket_ref": "T1", "phase": phase, "severity": 1}
        world.take(world.event("complaint", "ACC", at, ticket, "/crm"))
    world.work()
    found = {one["type"]: one for one in world.rows(ALERTS)}
    assert found["no_recovery"]["playbook"] == "recovery_watch"
    assert "T1" in found["no_recovery"]["reason_text"]
