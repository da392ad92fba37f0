"""The gauges of lag: a partition that another process reads now is no longer told of here."""

import pytest
from aiokafka import TopicPartition

from shared.kafka.consumer import ConsumerLoop, _Listener
from shared.runtime.telemetry import CONSUMER_LAG_RECORDS, CONSUMER_LAG_SECONDS
from tests.support.factories import FixedClock

TOPIC = "leadline.booking.v1"
GAUGES = (CONSUMER_LAG_RECORDS, CONSUMER_LAG_SECONDS)


class TwoPartitions:
    """A client that knows how many partitions there are; of none it is asked more."""

    def partitions_for_topic(self, _topic):
        return {0, 1}


@pytest.fixture
def loop():
    for gauge in GAUGES:
        gauge.clear()
    yield ConsumerLoop(TwoPartitions, [TOPIC], sink=None, clock=FixedClock())
    for gauge in GAUGES:
        gauge.clear()


def show(partition, lag):
    """Set the gauges as a measurement does."""
    for gauge in GAUGES:
        gauge.labels(TOPIC, partition).set(lag)


def shown():
    """Return the partitions of which each gauge tells."""
    return [
        {sample.labels["partition"] for family in gauge.collect() for sample in family.samples}
        for gauge in GAUGES
    ]


async def assign(loop, *partitions):
    listener = _Listener(loop)
    await listener.on_partitions_revoked([])
    await listener.on_partitions_assigned([TopicPartition(TOPIC, at) for at in partitions])


async def test_the_lag_of_a_partition_that_moved_to_another_process_is_told_by_that_one_alone(loop):
    show(0, 5_000)
    show(1, 5_000)
    await assign(loop, 1)
    await loop._ends.measure(TwoPartitions())
    assert shown() == [{"1"}, {"1"}]


async def test_who_has_no_partition_left_tells_of_no_lag(loop):
    show(0, 5_000)
    await assign(loop)
    await loop._ends.measure(TwoPartitions())
    assert shown() == [set(), set()]


async def test_a_measurement_that_ends_after_the_partition_moved_is_taken_back(loop):
    await assign(loop)
    await loop._ends.measure(TwoPartitions())
    show(0, 5_000)  # it had been asked for before
    await loop._ends.measure(TwoPartitions())
    assert shown() == [set(), set()]


async def test_while_partitions_are_handed_out_the_last_lag_stays(loop):
    await assign(loop, 0)
    show(0, 5_000)
    await _Listener(loop).on_partitions_revoked([TopicPartition(TOPIC, 0)])
    await loop._ends.measure(TwoPartitions())
    assert shown() == [{"0"}, {"0"}]
