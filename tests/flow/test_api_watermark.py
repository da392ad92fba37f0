"""Lag and, on the wall clock, `watermark` of the status: how far intake has come.

What ingest dates by the database's clock is judged by it: on PostgreSQL the api's own is far off.
"""

from datetime import datetime, timedelta

import pytest

from shared.store.base import from_micros, to_micros
from shared.store.moment import shared_micros
from shared.store.tables import ConsumerOffsetRow, PartitionLagRow
from tests.support.factories import NOW

FRESH = timedelta()
EARLY, LATE = NOW - timedelta(days=3), NOW - timedelta(hours=1)


def present(api):
    with api.database.read() as connection:
        return from_micros(shared_micros(connection, to_micros(api.clock.now())))


def partition(api, number, newest, *, applied=10, end=10, age=FRESH, topic="leadline.booking.v1"):
    """Add a partition whose log's end was measured `age` ago."""
    place = {"cluster_id": "c1", "topic": topic, "partition": number}
    api.make.add(
        ConsumerOffsetRow, **place, next_offset=applied, max_event_time=newest, updated_at=NOW
    )
    api.make.add(
        PartitionLagRow, **place, end_offset=end, lag_seconds=1, measured_at=present(api) - age
    )


@pytest.fixture
def lag(api):
    """Return a function that asks for the lag in records and seconds."""

    def ask():
        found = api.client().get("/v1/status").json()["ingest"]
        return found["lag_records"], found["lag_seconds"]

    return ask


@pytest.fixture
def watermark(api):
    """Return a function that asks for it."""

    def ask():
        found = api.client().get("/v1/status").json()["signals"]["watermark"]
        return found and datetime.fromisoformat(found)

    return ask


def test_it_is_unknown_while_nothing_came(watermark):
    assert watermark() is None


def test_without_lag_it_is_the_newest_event_over_all(api, watermark):
    api.make.add(
        ConsumerOffsetRow, cluster_id="import", topic="", partition=0, next_offset=0,
        max_event_time=EARLY, updated_at=NOW,
    )  # fmt: skip
    assert watermark() == EARLY
    partition(api, 0, LATE)
    assert watermark() == LATE


def test_with_lag_it_is_the_least_of_the_partitions_that_lag(api, watermark):
    partition(api, 0, LATE)
    partition(api, 1, EARLY, end=12)
    assert watermark() == EARLY


def test_a_lag_that_was_not_measured_lately_leaves_it_unknown(api, watermark):
    partition(api, 0, LATE, age=timedelta(seconds=9))
    assert watermark() is None


def test_the_lag_is_told_however_wrong_the_clock_of_the_api(api, lag):
    partition(api, 0, LATE, end=12)
    partition(api, 1, LATE, end=11)
    assert lag() == (3, 1)


def test_the_lag_is_told_until_another_measurement_can_have_come(api, lag):
    partition(api, 0, LATE, end=12, age=timedelta(seconds=1.5))
    assert lag() == (2, 1)


def test_a_lag_that_nobody_measures_any_more_is_told_no_longer(api, lag):
    partition(api, 0, LATE, end=12)
    partition(api, 1, LATE, end=11, age=timedelta(seconds=2.1))
    assert lag() == (None, None)


def test_an_event_of_a_clock_that_runs_ahead_does_not_lift_it_above_the_present(api, watermark):
    before = present(api)
    partition(api, 0, before + timedelta(minutes=4))
    assert before <= watermark() <= present(api)


@pytest.mark.parametrize("topic", ["leadline.alert.v1", "leadline.booking.v1.dlq"])
def test_a_topic_that_nobody_reads_does_not_hold_it_back(api, watermark, topic):
    api.make.add(
        ConsumerOffsetRow, cluster_id="c1", topic=topic, partition=0, next_offset=0,
        updated_at=NOW,
    )  # fmt: skip
    partition(api, 0, LATE)
    assert watermark() == LATE
