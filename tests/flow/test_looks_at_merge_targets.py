"""Facts under the id of a merged account count for its target, whichever of the two was due."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from shared.store.base import to_micros
from tests.support.merging import HOUR, INTO_B, NOW, SEVERE, World

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
SCORE = """
SELECT s.risk, s.base, s.reasons, s.last_booking_at
FROM account_score s JOIN account a ON a.id = s.account_id WHERE a.account_id = 'B'
"""
SOONER = """
UPDATE account_score SET due_at = :at
WHERE account_id = (SELECT id FROM account WHERE account_id = :account)
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


def test_a_complaint_of_the_merged_that_is_due_itself_opens_at_its_target_at_once(leadline):
    """The target had its midnight already: no look of its own would follow before the next."""
    due_at = to_micros(MIDNIGHT) - 1
    with leadline.database.write() as connection:  # the target's turn comes first
        connection.execute(text(SOONER), {"account": "B", "at": due_at})
    look_at_one(leadline)
    assert due(leadline) == ["A"]
    complain(leadline)
    assert leadline.worker.step()
    assert leadline.worker.step()
    assert leadline.alert_of_ticket("B", "T2")["resolved_at"] is None


@pytest.fixture
def rebuilding(database):
    """On the event clock, at the end of input: scores of the running day, no evaluation."""
    found = World(database, "event", NOW)
    found.begin()
    return found


def score_of_b(world):
    (score,) = world.rows(SCORE)
    return score


def test_at_the_end_of_input_a_merge_and_its_end_score_the_target_anew(rebuilding):
    """C never booked, so nobody's level moves with it."""
    rebuilding.say("complaint", "C", COMPLAINT, NOW - 120 * HOUR)
    rebuilding.work()
    alone = score_of_b(rebuilding)
    merged = {"name": "C Ltd", "status": "merged", "merged_into": "B"}
    rebuilding.say("account", "C", merged, NOW + HOUR / 60)
    rebuilding.work()
    assert score_of_b(rebuilding)["reasons"] != alone["reasons"]
    rebuilding.say("account", "C", merged | {"merged_into": None}, NOW + HOUR / 30)
    rebuilding.work()
    assert score_of_b(rebuilding) == alone


def test_at_the_end_of_input_a_booking_of_the_merged_counts_for_its_target(rebuilding):
    rebuilding.say("account", "A", INTO_B)
    rebuilding.work()
    at = NOW - HOUR
    booking = {"booking_ref": "late", "phase": "confirmed", "mode": "air"}
    rebuilding.take(rebuilding.event("booking", "A", at, booking))
    rebuilding.work()
    assert score_of_b(rebuilding)["last_booking_at"] == to_micros(at.replace(hour=0))
