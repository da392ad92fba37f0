"""A lane whose forwarder the other side chooses now gets an alert, and the play for it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
ALERTS = """
SELECT type, reason_text, playbook, resolved_at FROM alert
WHERE opened_at IS NOT NULL ORDER BY type
"""


@pytest.fixture
def world(database):
    """An account that sold CIF for a year and sells FOB since four weeks."""
    found = Installation(database, "wall", NOW)
    book(found, "CIF", weeks=range(4, 60))
    book(found, "FOB", weeks=range(4))
    return found


def book(world, incoterm, *, weeks):
    world.take(
        *(
            world.event(
                "booking",
                "ACC",
                NOW - timedelta(days=7 * back + 1),
                {
                    "booking_ref": f"B{back}", "phase": "confirmed", "mode": "sea",
                    "origin": "VNHPH", "destination": "DEHAM", "incoterm": incoterm,
                },
            )
            for back in weeks
        )
    )  # fmt: skip


def days_pass(world, days):
    for _ in range(days):
        world.clock.pass_seconds(86_400)
        world.work()


def test_it_opens_with_its_play(world):
    days_pass(world, 3)
    (alert,) = world.rows(ALERTS)
    assert (alert["type"], alert["playbook"]) == ("nomination_shift", "nomination_shift")
    assert alert["reason_text"].startswith(
        "VNHPH-DEHAM (sea): forwarder chosen by the consignee's side for 4 of the last 5 bookings,"
    )


def test_it_ends_once_the_terms_are_the_old_ones_again(world):
    days_pass(world, 3)
    for back in range(4):  # the four bookings had been entered wrongly
        at = world.clock.at - timedelta(minutes=back + 1)
        data = {"booking_ref": f"B{back}", "phase": "amended", "incoterm": "CIF"}
        world.take(world.event("booking", "ACC", at, data))
    days_pass(world, 9)
    (alert,) = world.rows(ALERTS)
    assert alert["resolved_at"] is not None
