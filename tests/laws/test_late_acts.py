"""An alert that is taken up while days are evaluated that let it expire goes on, without heir."""

import pytest

from services.signals.playbooks.library import load_library
from services.signals.runs import RunCommands
from services.signals.worker.plays import LibraryPlays
from tests.support.merging import DAY, NOW, World


class Interrupted(LibraryPlays):
    """Lets somebody act when an alert is given its playbook, in the midst of the evaluation."""

    def __init__(self):
        super().__init__(load_library())
        self.act = None

    def choose(self, alert, account):
        act, self.act = self.act, None
        if act is not None:
            act()
        return super().choose(alert, account)


class Busy(World):
    def __init__(self, database):
        super().__init__(database, "event", NOW)
        self.plays = Interrupted()
        self.worker = self.new_worker()

    def work_on(self, alert_id):
        (run,) = self.rows("SELECT run_id FROM playbook_run WHERE alert_id = :a", a=alert_id)
        (task, *_) = self.rows("SELECT task_id FROM run_task ORDER BY position")
        commands = RunCommands(self.database, self.clock, clock_name="event")
        commands.complete_task(run["run_id"], task["task_id"], actor="k1")


@pytest.fixture
def busy(database):
    found = Busy(database)
    found.begin()
    found.days_pass(1)
    found.clock.pass_seconds(41 * DAY.total_seconds())
    found.days_pass(1)
    return found


def three_days_at_once(busy):
    """The last evaluated midnight, by which people act, is before the expiry."""
    busy.clock.pass_seconds(2 * DAY.total_seconds())
    busy.days_pass(1)


@pytest.mark.parametrize("kind", ["acknowledge", "work"])
def test_it_does_not_expire(busy, kind):
    alert = busy.alert_of("A")["alert_id"]
    acts = {
        "acknowledge": lambda: busy.act(alert, "acknowledge", "k1"),
        "work": lambda: busy.work_on(alert),
    }
    busy.plays.act = acts[kind]
    three_days_at_once(busy)
    busy.days_pass(1)
    assert busy.plays.act is None, "its heir was given a playbook"
    assert [one["alert_id"] for one in busy.complaints_of("A")] == [alert]
    assert busy.told("alert", alert)[-1].state in {"acknowledged", "in_progress"}


def test_one_that_nobody_takes_up_expires_and_is_followed(busy):
    first = busy.alert_of("A")["alert_id"]
    three_days_at_once(busy)
    busy.days_pass(1)
    assert busy.told("alert", first)[-1].state == "expired"
    assert len(busy.complaints_of("A")) == 2
