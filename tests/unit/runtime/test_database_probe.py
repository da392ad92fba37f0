"""Readiness asks the database seldom: many may probe."""

from contextlib import contextmanager

from shared.store.probe import DatabaseProbe
from tests.support.factories import FixedClock


class FakeDatabase:
    """Counts who reads, and fails them while it is away."""

    def __init__(self):
        self.asked = 0
        self.away = False

    @contextmanager
    def read(self):
        self.asked += 1
        if self.away:
            raise ConnectionRefusedError("secret-host refused")
        yield self

    def exec_driver_sql(self, statement):
        assert statement == "SELECT 1"


def test_probes_within_a_second_share_one_answer():
    database, clock = FakeDatabase(), FixedClock()
    probe = DatabaseProbe(database, clock)
    assert [probe() for _ in range(20)] == [None] * 20
    assert database.asked == 1

    database.away, clock.passed = True, 1.0
    said = {probe() for _ in range(20)}
    assert said == {"database away: ConnectionRefusedError"}
    assert database.asked == 2

    database.away, clock.passed = False, 2.0
    assert probe() is None
