"""`watermark` of the status on the wall clock: the event time that intake has reached."""

from datetime import datetime, timedelta

import pytest

from shared.store.tables import ConsumerOffsetRow, PartitionLagRow
from tests.support.factories import NOW

EARLY, LATE = NOW - timedelta(days=3), NOW - timedelta(hours=1)


def partition(
    api, number, newest, *, applied=10, end=10, measured=NOW, topic="leadline.booking.v1"
):
    place = {"cluster_id": "c1", "topic": topic, "partition": number}
    api.make.add(
        ConsumerOffsetRow, **place, next_offset=applied, max_event_time=newest, updated_at=NOW
    )
    api.make.add(PartitionLagRow, **place, end_offset=end, lag_seconds=0, measured_at=measured)


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
    partition(api, 0, LATE, measured=NOW - timedelta(seconds=9))
    assert watermark() is None


def test_an_event_of_a_clock_that_runs_ahead_does_not_lift_it_above_the_present(api, watermark):
    partition(api, 0, NOW + timedelta(minutes=4))
    assert watermark() == NOW


@pytest.mark.parametrize("topic", ["leadline.alert.v1", "leadline.booking.v1.dlq"])
def test_a_topic_that_nobody_reads_does_not_hold_it_back(api, watermark, topic):
    api.make.add(
        ConsumerOffsetRow, cluster_id="c1", topic=topic, partition=0, next_offset=0,
        updated_at=NOW,
    )  # fmt: skip
    partition(api, 0, LATE)
    assert watermark() == LATE
