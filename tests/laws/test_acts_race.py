"""What people do while signals works on the same alerts and runs, on connections of their own."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from services.api.commands import Act, act_on_alert
from services.signals.alerting.alert import Alert, AlertChange
from services.signals.runs import RunCommands
from services.signals.store.accounts import known_accounts
from services.signals.store.claims import lock_accounts
from services.signals.worker.acts import tell_acts
from services.signals.worker.record import Recorder
from services.signals.worker.starts import Changed
from shared.store.base import to_micros
from shared.store.session import Database
from tests.support.alerting import ACCOUNT
from tests.support.factories import NOW, Factory, FixedClock
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


class Slow(RunCommands):
    """The real commands, with a pause between the act and the commit."""

    def __init__(self, *args):
        super().__init__(*args)
        self.acted, self.go_on = threading.Event(), threading.Event()

    def _act(self, *args, **values):
        super()._act(*args, **values)
        self.acted.set()
        assert self.go_on.wait(20)


@pytest.fixture
def database(postgres_url):
    opened = Database(postgres_url)
    make = Factory(opened)
    make.account("ACC-1")
    make.score("ACC-1")
    for number in (1, 2):
        make.alert(f"a{number}", "ACC-1", scope_key=str(number))
        make.run(f"r{number}", "ACC-1", alert_id=f"a{number}")
    yield opened
    opened.close()


@pytest.fixture
def threads():
    with ThreadPoolExecutor(4) as pool:
        yield pool


def rows(database, statement):
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


def waits(database, *work):
    """Wait until somebody waits for a lock, or has done its work without."""
    done = lambda: any(each.done() for each in work)  # noqa: E731
    eventually(lambda: done() or rows(database, WAITING) != [(0,)], what="a turn")


def end_alert(database, *, then=lambda: None, **changes):
    """Let the machine end the alert a1, or hand it over; `then` comes before the commit."""
    alert = Alert(
        alert_id="a1", account_id="ACC-1", type="churn_risk", reason_code="churn_risk",
        reason_text="", scope={"kind": "account"}, scope_key="1", band="high", risk_score=62.0,
        list=None, drivers=(), evidence=(), owner_name=None, playbook="executive_review",
        due_at=0, pending_since=0, opened_at=1, machine_version=2, updated_at=to_micros(NOW),
        **({"owner_id": "kam-a"} | changes),
    )  # fmt: skip
    kind = "resolved" if alert.resolved_at else "owner_changed"
    with database.write() as connection:
        accounts = known_accounts(connection)
        lock_accounts(connection, [one.id for one in accounts])
        recorder = Recorder(connection, accounts, {}, Plays(), NOW)
        recorder.alerts([Changed(to_micros(NOW), 0, AlertChange(kind, alert), ACCOUNT)])
        recorder.send()
        then()


class Plays:
    """Starts nothing."""

    def is_called(self, playbook):
        return False

    def start(self, *_):
        return None


def test_a_run_that_somebody_is_working_on_is_not_closed_under_their_hands(database, threads):
    person = Slow(database, FixedClock())
    working = threads.submit(person.complete_task, "r1", "call", actor="kam-a")
    assert person.acted.wait(20)

    ending = threads.submit(
        end_alert, database, resolved_at=to_micros(NOW), outcome="recovered_alone"
    )
    waits(database, ending)
    person.go_on.set()
    working.result()
    ending.result()

    assert rows(database, "SELECT run_id, kind, actor FROM run_action") == [
        ("r1", "complete_task", "kam-a")
    ]


def test_a_run_that_somebody_is_closing_keeps_its_owner(database, threads):
    person = Slow(database, FixedClock())
    closing = threads.submit(person.close_run, "r1", "recovered_by_action", None, actor="kam-a")
    assert person.acted.wait(20)

    handing = threads.submit(end_alert, database, owner_id="kam-b")
    waits(database, handing)
    person.go_on.set()
    closing.result()
    handing.result()

    assert rows(database, "SELECT owner_id FROM playbook_run WHERE run_id = 'r1'") == [("kam-a",)]


def acknowledge(database, alert_id, then=lambda: None):
    with database.write() as connection:
        act = Act("acknowledge", "kam-a", NOW)
        act_on_alert(connection, {"alert_id": alert_id, "state": "open"}, act)
        then()


def tell_beside(database, threads, work, go_on):
    """Tell acts while some work is about to commit, let that go on, and tell what is left."""
    tools = SimpleNamespace(database=database, clock=FixedClock())
    telling = threads.submit(tell_acts, tools)
    waits(database, telling)
    go_on.set()
    work.result()
    telling.result()
    tell_acts(tools)


def told(database):
    bodies = rows(database, "SELECT body FROM signal_outbox ORDER BY id")
    return [json.loads(bytes(body))["data"] for (body,) in bodies]


def test_an_act_that_commits_after_a_later_one_is_told_all_the_same(database, threads):
    begun, go_on = threading.Event(), threading.Event()

    def held():
        begun.set()
        assert go_on.wait(20)

    late = threads.submit(acknowledge, database, "a1", held)
    assert begun.wait(20)
    acknowledge(database, "a2")
    tell_beside(database, threads, late, go_on)

    assert {one["alert_id"] for one in told(database)} == {"a1", "a2"}


def test_a_task_done_while_a_later_one_is_committed_is_told_all_the_same(database, threads):
    person = Slow(database, FixedClock())
    late = threads.submit(person.complete_task, "r1", "call", actor="kam-a")
    assert person.acted.wait(20)
    RunCommands(database, FixedClock()).complete_task("r2", "call", actor="kam-b")
    tell_beside(database, threads, late, person.go_on)

    assert {one.get("run_id") for one in told(database)} >= {"r1", "r2"}


def test_an_act_on_an_account_that_another_process_evaluates_is_told_after_it(database, threads):
    """Both change the alert once: told apart, they would give two events one version."""
    evaluated, go_on = threading.Event(), threading.Event()

    def evaluating():
        evaluated.set()
        assert go_on.wait(20)

    evaluation = threads.submit(end_alert, database, then=evaluating, owner_id="kam-b")
    assert evaluated.wait(20)
    acknowledge(database, "a1")
    tell_beside(database, threads, evaluation, go_on)

    versions = [(one["version"], one["owner"]["id"], one["state"]) for one in told(database)]
    assert versions == [(2, "kam-b", "open"), (3, "kam-b", "acknowledged")]
