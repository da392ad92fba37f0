"""What processes tell each other through the database does not depend on their clocks."""

from datetime import timedelta

import pytest

from services.ingest.store import lags
from services.ingest.store.partitions import PartitionStore
from services.signals.intake_memory import IntakeMemory
from shared.kafka.positions import Place
from shared.runtime.clock import WallClock
from shared.store.base import to_micros
from shared.store.moment import shared_micros
from shared.store.partitions import read_partitions
from shared.store.session import Database

BOOKINGS = Place("leadline.booking.v1", 0)
OFFSETS = (timedelta(days=-1), timedelta(minutes=-5), timedelta(minutes=5), timedelta(days=1))


@pytest.mark.postgres
@pytest.mark.parametrize("wrong", OFFSETS, ids=str)
def test_a_lag_is_known_however_wrong_the_clock_of_who_measured_it(postgres_url, wrong):
    database = Database(postgres_url)
    theirs = to_micros(WallClock().now() + wrong)
    PartitionStore(database, "c1").locate({BOOKINGS: 0}, at=theirs)

    lags.store(database, "c1", {BOOKINGS: 7}, {}, at=theirs, age=lambda: 0.0)

    with database.read() as connection:
        now = shared_micros(connection, to_micros(WallClock().now()))
        (partition,) = IntakeMemory().partitions(read_partitions(connection), now)
    database.close()
    assert partition.lag == 7


@pytest.mark.postgres
def test_a_log_end_is_as_old_as_the_question(postgres_url):
    database = Database(postgres_url)
    now = to_micros(WallClock().now())
    PartitionStore(database, "c1").locate({BOOKINGS: 0}, at=now)

    lags.store(database, "c1", {BOOKINGS: 7}, {}, at=now, age=lambda: 2.0)

    with database.read() as connection:
        (row,) = read_partitions(connection)
        present = shared_micros(connection, now)
    database.close()
    assert 2_000_000 <= present - row.measured_at < 3_000_000
