"""How long an alert warned of a loss: until it ended, or expired because nobody had acted."""

from datetime import timedelta

import pytest

from services.signals.store.warnings import alert_spans
from shared.store.tables import AlertActionRow
from tests.support.factories import NOW, Factory

OPENED = NOW - timedelta(days=80)
EXPIRES = OPENED + timedelta(days=45)


@pytest.fixture
def make(database):
    found = Factory(database)
    found.account("ACC-1")
    found.alert("a-1", "ACC-1", opened_at=OPENED, expires_at=EXPIRES)
    found.run("r-1", "ACC-1", alert_id="a-1", started_at=OPENED)
    return found


@pytest.fixture
def ended(database, make):
    """After how many days the span of the alert ended, None if it has not."""

    def ask():
        with database.read() as connection:
            ((span,),) = alert_spans(connection, [make.accounts["ACC-1"]]).values()
        return None if span.ended is None else span.ended - span.opened

    return ask


def act(make, kind, at, **values):
    make.add(AlertActionRow, alert_id="a-1", kind=kind, actor="kam-a", at=at, **values)


def test_an_alert_on_which_nobody_acted_ends_when_it_expires(ended):
    assert ended() == 45


def test_one_whose_run_somebody_works_on_goes_on(make, ended):
    make.run_act("r-1", "complete_task", task_id="call", at=OPENED + timedelta(days=2))
    assert ended() is None


def test_what_the_machine_does_on_its_run_is_no_work(make, ended):
    make.run_act("r-1", "close", actor="leadline", at=OPENED + timedelta(days=2))
    assert ended() == 45


def test_nor_is_what_comes_after_its_expiry(make, ended):
    act(make, "acknowledge", EXPIRES)
    make.run_act("r-1", "complete_task", task_id="call", at=EXPIRES + timedelta(days=2))
    assert ended() == 45


def test_a_persons_resolution_ends_it(make, ended):
    act(make, "acknowledge", OPENED + timedelta(days=1))
    act(make, "resolve", OPENED + timedelta(days=60), outcome="recovered_by_action")
    assert ended() == 60
