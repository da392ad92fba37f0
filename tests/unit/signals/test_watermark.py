"""How far event time has surely come."""

import pytest

from services.signals.intake_memory import IntakeMemory
from services.signals.watermark import (
    DAY_MICROS,
    Partition,
    event_time_reached,
    last_due_day,
    next_watermark,
)
from shared.store.partitions import PartitionState

DAY = DAY_MICROS


@pytest.mark.parametrize(
    ("partitions", "reached"),
    [
        ([], None),
        ([Partition(0, None)], None),
        ([Partition(0, 5), Partition(0, 9)], 9),  # no lag: the maximum over all
        ([Partition(3, 5), Partition(0, 9)], 5),  # the least of those with lag
        ([Partition(3, 5), Partition(1, 4), Partition(0, 1)], 4),
        ([Partition(None, 5), Partition(0, 9)], None),  # an unknown lag holds
        ([Partition(2, None), Partition(0, 9)], None),  # lag with nothing applied yet holds
        ([Partition(0, None), Partition(0, 9)], 9),  # an empty partition does not
    ],
)
def test_event_time_is_reached_only_where_nothing_older_can_come(partitions, reached):
    assert event_time_reached(partitions, now=100) == reached


def test_the_watermark_stays_a_day_behind_until_the_input_is_complete():
    partitions = [Partition(0, 10 * DAY)]
    assert next_watermark(None, partitions, 100 * DAY) == 9 * DAY
    assert next_watermark(None, partitions, 100 * DAY, complete=True) == 10 * DAY


def test_the_watermark_never_falls():
    assert next_watermark(8 * DAY, [Partition(5, 3 * DAY)], 100 * DAY) == 8 * DAY
    assert next_watermark(8 * DAY, [Partition(None, 99 * DAY)], 100 * DAY) == 8 * DAY


@pytest.mark.parametrize("lag", [0, 3])
def test_it_does_not_pass_the_present_with_a_producer_whose_clock_runs_ahead(lag):
    ahead = [Partition(lag, 10 * DAY + 5)]
    assert event_time_reached(ahead, 10 * DAY - 7) == 10 * DAY - 7
    assert next_watermark(None, ahead, 10 * DAY - 7, complete=True) == 10 * DAY - 7


def test_a_day_is_due_once_its_midnight_has_passed():
    assert last_due_day(None) is None
    assert last_due_day(3 * DAY - 1) == 2
    assert last_due_day(3 * DAY) == 3


def state(*, next_offset, event_time, updated, end, measured, cluster="c", partition=0):
    return PartitionState(
        cluster, "t", partition, next_offset, event_time, updated, next_offset, end, measured
    )


def test_a_log_end_is_met_with_what_was_applied_before_it_was_measured():
    memory = IntakeMemory()
    before = state(next_offset=10, event_time=1, updated=100, end=50, measured=200)
    assert memory.partitions([before], 300) == (Partition(40, 1),)
    # More was applied, beyond the measured end: what was written meanwhile is unknown.
    after = state(next_offset=60, event_time=9, updated=250, end=50, measured=200)
    assert memory.partitions([after], 300) == (Partition(40, 1),)
    measured = state(next_offset=60, event_time=9, updated=250, end=60, measured=400)
    assert memory.partitions([measured], 500) == (Partition(0, 9),)


def test_no_partition_runs_ahead_of_what_another_was_last_seen_to_have():
    """Two processes measure at different moments: 1 may have written before what 0 shows now."""
    memory = IntakeMemory()
    early = [
        state(next_offset=3, event_time=4, updated=100, end=3, measured=200),
        state(next_offset=5, event_time=5, updated=100, end=5, measured=200, partition=1),
    ]
    assert event_time_reached(memory.partitions(early, 210), 210) == 5
    ahead = state(next_offset=9, event_time=90, updated=380, end=9, measured=400)
    assert event_time_reached(memory.partitions([ahead, early[1]], 410), 410) == 5
    both = [
        ahead._replace(measured_at=600),
        early[1]._replace(end_offset=7, measured_at=590),
    ]
    assert event_time_reached(memory.partitions(both, 610), 610) == 5, "it had written indeed"
    applied = both[1]._replace(next_offset=7, max_event_time=60, updated_at=650, measured_at=700)
    measured = [both[0]._replace(measured_at=705), applied]
    assert event_time_reached(memory.partitions(measured, 710), 710) == 90


def test_an_old_or_missing_measurement_is_unknown():
    old = state(next_offset=1, event_time=1, updated=1, end=1, measured=1)
    assert IntakeMemory().partitions([old], 4_000_000)[0].lag is None
    missing = state(next_offset=1, event_time=1, updated=1, end=None, measured=None)
    assert IntakeMemory().partitions([missing], 1)[0].lag is None


def test_events_without_a_log_never_lag():
    http = state(next_offset=0, event_time=7, updated=1, end=None, measured=None, cluster="http")
    assert IntakeMemory().partitions([http], 99) == (Partition(0, 7),)
