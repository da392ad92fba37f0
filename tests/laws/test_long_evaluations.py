"""PostgreSQL ends a session that is silent within a transaction; a long evaluation is not one."""

import time
from datetime import timedelta

import pytest

from services.signals.store.progress import read_progress
from shared.store import session
from tests.support.factory import START, FakeClock, Installation

LIMIT = "-c idle_in_transaction_session_timeout=2s"
DAY_SECONDS = 0.12


class SlowClock(FakeClock):
    """As a machine on which every day of an evaluation takes a while."""

    def monotonic(self):
        time.sleep(DAY_SECONDS)
        return super().monotonic()


@pytest.fixture
def installation(monkeypatch, postgres_url):
    monkeypatch.setattr(session, "POSTGRES_OPTIONS", LIMIT)
    database = session.Database(postgres_url)
    yield Installation(database)
    database.close()


def test_days_that_together_take_longer_than_a_session_may_be_silent_are_evaluated(installation):
    installation.bookings("ACC-1", weeks=6)
    installation.clock = SlowClock(START + timedelta(weeks=6))
    installation.worker = installation.new_worker()

    installation.work()

    with installation.database.read() as connection:
        assert read_progress(connection).evaluated_day is not None
