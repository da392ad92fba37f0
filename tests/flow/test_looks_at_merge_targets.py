"""Facts under the id of a merged account count for its target, whichever of the two was due."""

from datetime import UTC, datetime

import pytest

from shared.store.base import to_micros
from tests.support.merging import HOUR, INTO_B, SEVERE, World

EVE = datetime(2026, 6, 30, 10, tzinfo=UTC)
MIDNIGHT = datetime(2026, 7, 1, tzinfo=UTC)  # of a month's start: every account has a signal of it
SIGNALS = """
SELECT s.as_of FROM signal s JOIN account a ON a.id = s.account_id
WHERE a.account_id = :account AND s.as_of = :at
"""
DUE = """
SELECT a.account_id FROM account_score s JOIN account a ON a.id = s.account_id
WHERE s.due_at <= :now ORDER BY a.account_id
"""
COMPLAINT = SEVERE | {"ticket_ref": "T2"}


@pytest.fixture
def leadline(database, monkeypatch):
    """A is merged into B; at midnight one look takes one account."""
    found = World(database, "wall", EVE)
    found.begin()
    found.work()
    found.say("account", "A", INTO_B)
    found.work()
    found.clock.pass_seconds(14.5 * 3600)
    monkeypatch.setattr("services.signals.worker.pace.CHUNK", 1)
    return found


def due(leadline):
    found = leadline.rows(DUE, now=to_micros(leadline.clock.now()))
    return [row["account_id"] for row in found]


def look_at_one(leadline):
    waiting = due(leadline)
    while due(leadline) == waiting:
        assert leadline.worker.step()


def complain(leadline):
    leadline.say("complaint", "A", COMPLAINT, leadline.clock.now() - HOUR / 6)


def test_a_complaint_of_the_merged_leaves_its_target_the_midnight_that_it_waits_for(leadline):
    look_at_one(leadline)
    assert due(leadline) == ["B"]
    complain(leadline)
    leadline.work()
    assert leadline.rows(SIGNALS, account="B", at=to_micros(MIDNIGHT))
    opened = leadline.alert_of_ticket("B", "T2")
    assert (opened["opened_at"], opened["resolved_at"]) == (
        to_micros(leadline.clock.now() - HOUR / 6),
        None,
    )
