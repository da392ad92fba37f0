"""A playbook whose guard asks for more of the inputs than speak waits until they do."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from services.signals.playbooks.library import Library, load_library
from services.signals.worker.plays import LibraryPlays
from tests.support.merging import DAY, HOUR, NOW, OF_SIGNALS, World

RUNS = "SELECT run_id, playbook, started_at FROM playbook_run ORDER BY started_at"
COMPLAINTS = "complaint_resolution"


def demanding():
    """Return the library with a guard, for complaints, that one silent input in four closes."""
    plays = dict(load_library().playbooks)
    guards = replace(plays[COMPLAINTS].guards, coverage_min=0.9)
    plays[COMPLAINTS] = replace(plays[COMPLAINTS], guards=guards)
    return LibraryPlays(Library(plays.values()))


class Thin(World):
    """Five accounts book; the milestones of these came daily, and stopped three weeks ago."""

    def __init__(self, database, clock_name):
        super().__init__(database, clock_name, NOW)
        self.plays = demanding()
        self.worker = self.new_worker()

    def begin(self):
        for name in ("B", "C", "D", "E", "F"):
            self.bookings(name, weeks=50, every_days=3, start=NOW - timedelta(days=351))
            for days in range(21, 60):
                self.move(name, NOW - days * DAY)
        super().begin()
        self.work()

    def move(self, account, time):
        data = {"booking_ref": f"{account}-0", "code": "departed", "classifier": "actual"}
        self.take(self.event("milestone", account, time, data, "/desk"))

    def speak(self):
        for name in ("B", "C", "D", "E", "F"):
            self.move(name, self.clock.now() - HOUR)


@pytest.fixture(params=["wall", "event"])
def thin(request, database):
    found = Thin(database, request.param)
    found.begin()
    return found


def test_an_alert_waits_for_the_inputs_and_its_playbook_begins_once(thin):
    thin.days_pass(2)
    assert thin.alert_of("A")["resolved_at"] is None
    assert thin.rows(RUNS) == []
    thin.speak()
    thin.days_pass(2)
    assert [run["playbook"] for run in thin.rows(RUNS)] == [COMPLAINTS]
    thin.days_pass(3)
    assert len(thin.rows(RUNS)) == 1


def test_days_lived_one_by_one_and_rebuilt_begin_it_at_the_same_time(database):
    lived = Thin(database, "event")
    lived.begin()
    lived.days_pass(3)
    lived.speak()
    lived.days_pass(3)
    before = lived.rows(RUNS)
    assert len(before) == 1
    with database.write() as connection:
        for table in OF_SIGNALS:
            connection.execute(text(f"DELETE FROM {table}"))
    lived.worker = lived.new_worker()
    lived.work()
    assert lived.rows(RUNS) == before
