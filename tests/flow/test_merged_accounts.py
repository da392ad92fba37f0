"""An account that goes into another: its alerts end with that reason, the other is judged anew."""

from datetime import timedelta

import pytest

from services.signals.runs import RunCommands
from shared.store.base import to_micros
from tests.support.merging import ALERTS, ALIVE, INTO_B, NOW, SEVERE, World

RUNS = "SELECT run_id, alert_id, owner_id FROM playbook_run ORDER BY run_id"
RUNS_OF = "SELECT run_id, started_at FROM playbook_run WHERE alert_id = :alert"
ENDS = "SELECT run_id, kind, outcome, note FROM run_action ORDER BY run_id, id"


@pytest.fixture(params=["wall", "event"])
def leadline(request, database):
    found = World(database, request.param, NOW)
    found.begin()
    found.days_pass(2)
    return found


def test_the_alert_of_a_merged_account_ends_with_that_reason_and_keeps_its_owner(leadline):
    before = leadline.alert_of("A")
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    after = leadline.alert_of("A")
    assert before["resolved_at"] is None
    assert after["resolved_at"] is not None
    assert (after["outcome"], after["owner_id"]) == ("explained_change", "k1")
    last = leadline.told("alert", after["alert_id"])[-1]
    assert (last.state, last.closed_because) == ("resolved", "account_merged")
    assert last.owner.id == "k1"


def test_its_run_ends_with_it_and_keeps_its_owner(leadline):
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    first, *_, last = leadline.told_runs_of(leadline.alert_of("A")["alert_id"])
    assert (first.state, last.state) == ("active", "closed")
    assert last.closed_because == "account_merged"
    assert {first.owner.id, last.owner.id} == {"k1"}


def test_a_run_that_somebody_works_on_is_left_to_them(leadline):
    (run,) = leadline.rows("SELECT run_id FROM playbook_run")
    (task, *_) = leadline.rows("SELECT task_id FROM run_task ORDER BY position")
    commands = RunCommands(leadline.database, leadline.clock)
    commands.complete_task(run["run_id"], task["task_id"], actor="k1")
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    last = leadline.told("run", run["run_id"])[-1]
    assert (last.state, last.owner.id) == ("active", "k1")


def test_its_target_is_judged_with_the_joined_facts_as_its_own_account(leadline):
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    joined = leadline.alert_of("B")
    assert (joined["type"], joined["owner_id"]) == ("complaint", "k2")
    assert joined["resolved_at"] is None
    assert joined["suppressed_reason"] is None
    assert leadline.told_runs_of(joined["alert_id"])[0].owner.id == "k2"


@pytest.mark.parametrize(
    "merge",
    [{"merged_into": "NOBODY"}, {}],
    ids=["into an unknown account", "into none"],
)
def test_an_account_that_goes_on_by_itself_keeps_its_alert(leadline, merge):
    leadline.say("account", "A", {"name": "A Ltd", "status": "merged"} | merge)
    leadline.days_pass(2)
    after = leadline.alert_of("A")
    assert (after["resolved_at"], after["owner_id"]) == (None, "k1")


def test_a_merge_told_late_ends_the_alert_when_it_is_told(leadline):
    leadline.say("account", "A", INTO_B, NOW - timedelta(days=3))
    leadline.days_pass(2)
    after = leadline.alert_of("A")
    assert after["resolved_at"] >= after["opened_at"]
    assert leadline.told("alert", after["alert_id"])[-1].closed_because == "account_merged"


def test_days_lived_one_by_one_and_rebuilt_give_the_same_alerts(database):
    lived = World(database, "event", NOW)
    lived.begin()
    lived.days_pass(3)
    lived.say("account", "A", INTO_B)
    lived.days_pass(3)
    pictures = [lived.rows(statement) for statement in (ALERTS, RUNS, ENDS)]
    rebuilt = lived.rebuilt()
    assert {one["customer"] for one in pictures[0]} == {"A", "B"}
    for before, statement in zip(pictures, (ALERTS, RUNS, ENDS), strict=True):
        assert rebuilt.rows(statement) == before


def test_its_target_does_not_ask_again_what_a_person_resolved_before_the_merge(leadline):
    alert = leadline.resolve("A", "k1")
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    assert leadline.complaints_of("B") == []
    assert leadline.alert_of("A")["resolved_at"] is None, "the machine adds no end of its own"
    assert leadline.told("alert", alert)[-1].outcome == "recovered_by_action"


def test_nor_does_it_when_one_of_its_own_looks_comes_first(database):
    leadline = World(database, "wall", NOW)
    leadline.begin()
    leadline.days_pass(2)
    leadline.resolve("A", "k1")
    leadline.say("account", "A", INTO_B)
    for _ in range(12):
        leadline.days_pass(1)
        assert leadline.complaints_of("B") == []


def test_it_asks_again_where_the_same_account_would(leadline):
    leadline.resolve("A", "k1")
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(16)
    assert leadline.alert_of("B")["resolved_at"] is None


def test_an_old_open_ticket_is_an_alert_of_the_target_as_soon_as_the_merge_is_told(database):
    leadline = World(database, "wall", NOW)
    leadline.begin()
    leadline.days_pass(5)
    leadline.say("account", "A", INTO_B)
    leadline.work()
    joined = leadline.alert_of("B")
    assert joined["resolved_at"] is None
    leadline.days_pass(1)
    assert leadline.alert_of("B")["alert_id"] == joined["alert_id"]


def test_so_it_is_of_the_account_that_goes_its_own_way_again(database):
    leadline = World(database, "wall", NOW)
    leadline.begin()
    leadline.say("account", "A", INTO_B)
    leadline.say("complaint", "A", SEVERE | {"ticket_ref": "T2"})
    leadline.days_pass(5)
    leadline.say("account", "A", ALIVE)
    leadline.work()
    assert leadline.alert_of_ticket("A", "T2")["resolved_at"] is None


@pytest.mark.parametrize("days", [4, 60])
def test_what_came_with_a_merge_is_asked_of_the_target_from_then_on(leadline, days):
    leadline.days_pass(days)
    told = to_micros(leadline.clock.now())
    leadline.say("account", "A", INTO_B)
    leadline.days_pass(2)
    now = to_micros(leadline.clock.now())
    joined = leadline.alert_of_ticket("B", "T1")
    (run,) = leadline.rows(f"{RUNS_OF} ORDER BY started_at", alert=joined["alert_id"])
    assert told <= joined["opened_at"] <= now < joined["expires_at"]
    assert told <= run["started_at"]
    assert told < joined["due_at"]
    (first, *_) = leadline.rows("SELECT due_at FROM run_task WHERE run_id = :r", r=run["run_id"])
    assert told < first["due_at"]
