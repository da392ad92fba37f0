"""A merge that is taken back: each account goes on as it would have, and what people did holds."""

import pytest

from tests.support.merging import ALIVE, HOUR, INTO_B, NOW, SEVERE, SOLVED, Parted


@pytest.fixture(params=["wall", "event"])
def parted(request, database):
    found = Parted(database, request.param, NOW)
    found.begin()
    found.days_pass(2)
    return found


def test_what_came_with_an_accounts_facts_ends_when_it_goes_its_own_way_again(parted):
    parted.part(merged_days=2)
    joined = parted.alert_of("B")
    last = parted.last_told("B")
    assert joined["resolved_at"] is not None
    assert (last.state, last.outcome) == ("resolved", "explained_change")
    assert (last.closed_because, last.owner.id) == ("merge_undone", "k2")
    assert parted.told_runs_of(joined["alert_id"])[-1].closed_because == "merge_undone"


@pytest.mark.parametrize("merged_days", [2, 15])
def test_its_own_alert_is_taken_up_again_as_acknowledged_as_it_was(parted, merged_days):
    before = parted.alert_of("A")["alert_id"]
    parted.part(merged_days=merged_days)
    last = parted.last_told("A")
    assert (last.alert_id, last.state) == (before, "acknowledged")
    assert (last.closed_because, last.owner.id) == (None, "k1")


def test_a_run_starts_again_with_the_alert_however_soon_the_merge_is_taken_back(parted):
    (run,) = parted.rows("SELECT run_id FROM playbook_run")
    parted.part(merged_days=1)
    runs = parted.told_states_of(parted.alert_of("A")["alert_id"])
    assert runs.pop(run["run_id"]) == "closed"
    assert list(runs.values()) == ["active"]


def test_what_the_other_account_would_have_opened_by_itself_goes_on(parted):
    parted.say("complaint", "B", SEVERE | {"ticket_ref": "T2"}, parted.clock.now())
    parted.days_pass(1)
    own = parted.alert_of("B")["alert_id"]
    parted.act(own, "acknowledge", "k2")
    parted.say("account", "A", INTO_B)
    parted.days_pass(2)
    parted.say("account", "A", ALIVE)
    parted.settle()
    last = parted.told("alert", own)[-1]
    assert (last.state, last.closed_because) == ("acknowledged", None)


def test_accounts_merged_in_a_circle_let_the_worker_come_to_rest(parted):
    parted.say("account", "A", INTO_B)
    parted.days_pass(1)
    parted.say("account", "B", {"name": "B Ltd", "kam": {"id": "k2"}, "merged_into": "A"})
    parted.settle()
    assert parted.last_told("B").closed_because == "merge_undone"
    assert parted.last_told("A").state == "open"


@pytest.mark.parametrize("merged_days", [2, 4])
def test_the_alert_of_a_ticket_solved_before_the_merge_goes_on_recovering(parted, merged_days):
    parted.say("complaint", "A", SOLVED, parted.clock.now() - HOUR)
    parted.days_pass(1)
    before = parted.alert_of("A")
    parted.part(merged_days=merged_days)
    alert, last = parted.alert_of("A"), parted.last_told("A")
    assert (last.alert_id, last.state) == (before["alert_id"], "acknowledged")
    assert "; solved on " in last.reason.text
    assert alert["recovering_since"] == before["recovering_since"]
    parted.days_pass(8)
    assert parted.last_told("A").outcome == "recovered_alone"


@pytest.mark.parametrize("merged_days", [2, 15])
def test_that_of_a_ticket_solved_during_the_merge_does_so_too(parted, merged_days):
    parted.say("account", "A", INTO_B)
    parted.days_pass(merged_days)
    parted.say("complaint", "A", SOLVED, parted.clock.now() - HOUR)
    parted.days_pass(1)
    parted.say("account", "A", ALIVE)
    parted.settle()
    last = parted.last_told("A")
    assert (last.state, last.closed_because) == ("open", None)
    assert "; solved on " in last.reason.text
    assert list(parted.told_states_of(last.alert_id).values()).count("active") == 1
    parted.days_pass(8)
    assert parted.last_told("A").outcome == "recovered_alone"


def test_what_would_have_recovered_long_ago_is_not_taken_up_again(parted):
    parted.say("complaint", "A", SOLVED, parted.clock.now() - HOUR)
    parted.days_pass(1)
    parted.part(merged_days=9)
    last = parted.last_told("A")
    assert (last.state, last.closed_because) == ("resolved", "account_merged")


def test_what_a_person_resolved_before_the_merge_stays_so_after_its_undoing(parted):
    alert = parted.resolve("A", "k1")
    parted.part_again()
    last = parted.told("alert", alert)[-1]
    assert (last.state, last.outcome) == ("resolved", "recovered_by_action")
    assert parted.alert_of("A")["resolved_at"] is None, "the machine adds no end of its own"
    assert parted.complaints_of("B") == []


def test_what_a_person_resolved_at_the_target_stays_so_at_both(parted):
    parted.say("account", "A", INTO_B)
    parted.days_pass(2)
    joined = parted.resolve("B", "k2")
    parted.say("account", "A", ALIVE)
    parted.settle()
    last = parted.told("alert", joined)[-1]
    assert (last.state, last.outcome) == ("resolved", "recovered_by_action")
    assert parted.alert_of("B")["resolved_at"] is None, "the machine adds no end of its own"
    assert parted.last_told("A").closed_because == "account_merged"
    parted.days_pass(15)
    first, second = parted.complaints_of("A")
    assert second["previous_alert_id"] == first["alert_id"]
