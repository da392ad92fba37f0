"""PostgreSQL ends a session that is silent within a transaction; a long evaluation is not one."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from services.signals.hazard.model import default_model
from services.signals.store.models import (
    CHAMPION,
    Role,
    add_model,
    give_role,
    model_bytes,
)
from services.signals.store.progress import read_progress
from shared.store import session, stalled
from shared.store.base import EPOCH
from tests.support.factory import START, FakeClock, Installation

LIMIT = "-c idle_in_transaction_session_timeout=500ms"
SILENT_SECONDS = 1.5
AMID = 8
"""The clock is asked a few times before an evaluation begins, and once a day of it."""


class BusyClock(FakeClock):
    """Something else happens amid an evaluation."""

    def __init__(self, now, happens):
        super().__init__(now)
        self._happens = happens
        self._asked = 0

    def monotonic(self):
        self._asked += 1
        if self._asked == AMID:
            self._happens()
        return super().monotonic()


@pytest.fixture
def installation(monkeypatch, postgres_url):
    monkeypatch.setattr(session, "POSTGRES_OPTIONS", LIMIT)
    monkeypatch.setattr(stalled, "SPEAK_SECONDS", 0.1)
    database = session.Database(postgres_url)
    yield Installation(database)
    database.close()


def test_days_that_take_longer_than_a_session_may_be_silent_are_evaluated(installation):
    installation.bookings("ACC-1", weeks=6)
    installation.clock = BusyClock(START + timedelta(weeks=6), lambda: time.sleep(SILENT_SECONDS))
    installation.worker = installation.new_worker()

    installation.work()

    with installation.database.read() as connection:
        assert read_progress(connection).evaluated_day is not None


def promote(database, from_day):
    newer = replace(default_model(), version="newer")
    body = model_bytes(newer)
    with database.write() as connection:
        model = {"version": "newer", "body": body, "digest": "", "manifest": {}, "card": ""}
        add_model(connection, model | {"made_at": START})
        give_role(connection, CHAMPION, Role("newer", from_day, START, ""))


def test_on_sqlite_days_reckoned_while_another_champion_took_over_are_reckoned_again(sqlite_url):
    database = session.Database(sqlite_url)
    installation = Installation(database)
    installation.bookings("ACC-1", weeks=6)
    first_day = (START - EPOCH).days + 1
    installation.clock = BusyClock(START + timedelta(weeks=6), lambda: promote(database, first_day))
    installation.worker = installation.new_worker()

    installation.work()

    signals = installation.rows("SELECT DISTINCT model_version FROM signal")
    assert signals == [{"model_version": "newer"}]
    database.close()
