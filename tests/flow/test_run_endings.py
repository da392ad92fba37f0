"""Playbook runs end with their alert, and say why; what somebody works on is left to them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from services.signals.runs import RunCommands
from shared.contracts.outbound import read_outbound
from shared.store.tables import AlertActionRow
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
DAY = 24 * 3600
SEVERE = {"ticket_ref": "T1", "phase": "opened", "severity": 1, "category": "damage"}


@pytest.fixture(params=["wall", "event"])
def leadline(request, database):
    found = Installation(database, request.param, NOW)
    found.take(found.event("account", "A", NOW - timedelta(days=400), {"name": "A"}, "/crm"))
    found.bookings("A", weeks=50, start=NOW - timedelta(days=351))
    found.take(found.event("complaint", "A", NOW - timedelta(hours=1), SEVERE, "/crm"))
    return found


def complaint(leadline):
    """Return the alert of the complaint with its run's id."""
    (found,) = leadline.rows(
        "SELECT r.run_id, a.alert_id FROM alert a JOIN playbook_run r ON r.alert_id = a.alert_id"
        " WHERE a.type = 'complaint'"
    )
    return found


def told(leadline, run_id):
    """Return what was told of a run, oldest first."""
    rows = leadline.rows("SELECT topic, body FROM signal_outbox WHERE kind = 'run' ORDER BY id")
    found = [read_outbound(row["topic"], row["body"]).data for row in rows]
    return [one for one in found if one.run_id == run_id]


def resolve(leadline, alert_id, outcome="false_alarm"):
    with leadline.database.write() as connection:
        connection.execute(
            insert(AlertActionRow).values(
                alert_id=alert_id, kind="resolve", actor="k1", at=leadline.clock.now(),
                outcome=outcome,
            )
        )  # fmt: skip


def on_the_next_day(leadline, days=1):
    """Let days pass on either clock; the account goes on booking."""
    for _ in range(days):
        leadline.clock.pass_seconds(DAY)
        ref = {"booking_ref": f"late-{leadline.clock.now():%j}", "phase": "confirmed"}
        lane = {"mode": "sea", "service": "FCL", "origin": "VNHPH", "destination": "DEHAM"}
        leadline.take(
            leadline.event(
                "booking", "A", leadline.clock.now() - timedelta(hours=10), ref | lane | {"teu": 2}
            )
        )
    leadline.work()


def test_a_run_ends_as_soon_as_somebody_resolves_its_alert(leadline):
    on_the_next_day(leadline)
    found = complaint(leadline)
    resolve(leadline, found["alert_id"])
    leadline.work()
    last = told(leadline, found["run_id"])[-1]
    assert (last.state, last.outcome) == ("closed", "false_alarm")
    assert last.closed_because == "alert_resolved"
    on_the_next_day(leadline, 2)
    assert [one.state for one in told(leadline, found["run_id"])] == ["active", "closed"]


def test_a_run_that_somebody_began_ends_when_they_resolve_the_alert(leadline):
    on_the_next_day(leadline)
    found = complaint(leadline)
    (task, *_) = leadline.rows("SELECT task_id FROM run_task ORDER BY run_id, position")
    RunCommands(leadline.database, leadline.clock).complete_task(
        found["run_id"], task["task_id"], actor="k1"
    )
    resolve(leadline, found["alert_id"], "recovered_by_action")
    leadline.work()
    last = told(leadline, found["run_id"])[-1]
    assert (last.state, last.outcome) == ("closed", "recovered_by_action")


def test_a_run_that_nobody_began_ends_with_the_expiry_of_its_alert_and_makes_room(leadline):
    on_the_next_day(leadline)
    found = complaint(leadline)
    on_the_next_day(leadline, 46)
    last = told(leadline, found["run_id"])[-1]
    assert (last.state, last.outcome) == ("closed", "abandoned")
    assert last.closed_because == "alert_expired"
    heirs = leadline.rows(
        "SELECT r.run_id FROM alert a JOIN playbook_run r ON r.alert_id = a.alert_id"
        " WHERE a.previous_alert_id = :id",
        id=found["alert_id"],
    )
    assert len(heirs) == 1
    assert told(leadline, heirs[0]["run_id"])[-1].state == "active"
