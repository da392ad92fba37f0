"""Playbook runs end with their alert, and say why; what somebody works on is left to them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from services.signals.runs import RunCommands
from shared.contracts.outbound import read_outbound
from shared.store.base import to_micros
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


def told_of_alert(leadline, alert_id):
    """Return what was told of an alert, oldest first."""
    rows = leadline.rows("SELECT topic, body FROM signal_outbox WHERE kind = 'alert' ORDER BY id")
    found = [read_outbound(row["topic"], row["body"]).data for row in rows]
    return [one for one in found if one.alert_id == alert_id]


def resolve(leadline, alert_id, outcome="false_alarm"):
    with leadline.database.write() as connection:
        connection.execute(
            insert(AlertActionRow).values(
                alert_id=alert_id, kind="resolve", actor="k1", at=leadline.clock.now(),
                outcome=outcome, note="said on the phone",
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
    first, *others = [one.state for one in last.tasks]
    assert (first, set(others)) == ("completed", {"cancelled"})
    alert = told_of_alert(leadline, found["alert_id"])[-1]
    said = alert.state, alert.outcome, alert.note
    assert said == ("resolved", "recovered_by_action", "said on the phone")


def test_what_people_do_on_runs_goes_by_the_clock_that_decides(leadline):
    on_the_next_day(leadline)
    found = complaint(leadline)
    leadline.clock.pass_seconds(300 * DAY)  # on the event clock the world ends with its data
    commands = RunCommands(leadline.database, leadline.clock, clock_name=leadline.clock_name)
    (task, *_) = leadline.rows("SELECT task_id FROM run_task ORDER BY run_id, position")
    commands.complete_task(found["run_id"], task["task_id"], actor="k1")
    run_id = commands.start_run("value_dossier", "A", actor="k1", key="by-hand")
    at = to_micros(
        {"event": datetime(2026, 6, 3, tzinfo=UTC), "wall": leadline.clock.now()}[
            leadline.clock_name
        ]
    )
    acts = leadline.rows("SELECT kind, at FROM run_action ORDER BY id")
    assert acts == [{"kind": "complete_task", "at": at}, {"kind": "start", "at": at}]
    (began,) = leadline.rows("SELECT started_at FROM playbook_run WHERE run_id = :id", id=run_id)
    assert began["started_at"] == at
    leadline.work()
    worked = told_of_alert(leadline, found["alert_id"])[-1]
    # In time by the event clock; by the wall's the alert had expired long before.
    assert (worked.state == "in_progress") == (leadline.clock_name == "event")
    assert [one.state for one in told(leadline, run_id)] == ["active"]


def test_a_run_that_nobody_began_ends_with_the_expiry_of_its_alert_and_makes_room(leadline):
    """The risk has waited for longer than the alert that goes on where the expired one ends."""
    on_the_next_day(leadline)
    found = complaint(leadline)
    on_the_next_day(leadline, 46)
    last = told(leadline, found["run_id"])[-1]
    assert (last.state, last.outcome) == ("closed", "abandoned")
    assert last.closed_because == "alert_expired"
    _, following = leadline.rows(
        "SELECT r.run_id, a.type FROM alert a JOIN playbook_run r ON r.alert_id = a.alert_id"
        " ORDER BY r.started_at"
    )
    assert following["type"] == "churn_risk"
    assert told(leadline, following["run_id"])[-1].state == "active"


def test_the_run_of_an_alert_dated_by_a_clock_ahead_of_ours_ends_with_its_resolution(database):
    leadline = Installation(database, "wall", NOW)
    leadline.bookings("A", weeks=50, start=NOW - timedelta(days=351))
    leadline.work()
    ahead = leadline.event("complaint", "A", NOW + timedelta(minutes=4), SEVERE, "/crm")
    leadline.take(ahead)
    leadline.work()
    found = complaint(leadline)
    resolve(leadline, found["alert_id"])
    leadline.work()
    assert told(leadline, found["run_id"])[-1].state == "closed"
    assert told_of_alert(leadline, found["alert_id"])[-1].state == "resolved"


def complain(leadline, phase):
    data = SEVERE | {"phase": phase}
    leadline.take(leadline.event("complaint", "A", leadline.clock.now(), data, "/crm"))


def runs_of(leadline, alert_id):
    return leadline.rows(
        "SELECT run_id FROM playbook_run WHERE alert_id = :id ORDER BY started_at", id=alert_id
    )


def test_an_alert_that_is_taken_up_again_starts_a_run_again(leadline):
    on_the_next_day(leadline)
    found = complaint(leadline)
    complain(leadline, "solved")
    on_the_next_day(leadline, 10)
    assert told(leadline, found["run_id"])[-1].closed_because == "alert_resolved"
    complain(leadline, "reopened")
    on_the_next_day(leadline, 5)
    before, after = runs_of(leadline, found["alert_id"])
    assert told(leadline, before["run_id"])[-1].state == "closed"
    (again,) = told(leadline, after["run_id"])
    assert (again.state, again.playbook) == ("active", told(leadline, found["run_id"])[0].playbook)
    assert again.started_at > NOW + timedelta(days=11)


def test_one_that_somebody_still_works_on_goes_on_when_its_alert_is_taken_up_again(leadline):
    on_the_next_day(leadline)
    found = complaint(leadline)
    (task, *_) = leadline.rows("SELECT task_id FROM run_task ORDER BY run_id, position")
    RunCommands(leadline.database, leadline.clock).complete_task(
        found["run_id"], task["task_id"], actor="k1"
    )
    complain(leadline, "solved")
    on_the_next_day(leadline, 10)
    complain(leadline, "reopened")
    on_the_next_day(leadline, 2)
    assert runs_of(leadline, found["alert_id"]) == [{"run_id": found["run_id"]}]
    assert told(leadline, found["run_id"])[-1].state == "active"
