"""A topic that gets more partitions is named, once, with both numbers."""

from structlog.testing import capture_logs

from shared.kafka.partition_counts import PartitionCounts
from shared.kafka.positions import Place
from shared.runtime.telemetry import TOPIC_PARTITIONS


def test_the_first_look_says_nothing_and_a_change_is_said_once():
    counts = PartitionCounts()
    with capture_logs() as said:
        counts.see({"a": 12, "b": 3})
        counts.see({"a": 12, "b": 3})
        counts.see({"a": 24, "b": 3})
        counts.see({"a": 24, "b": 3})

    assert [(line["event"], line["topic"], line["was"], line["now"]) for line in said] == [
        ("partition count changed", "a", 12, 24)
    ]


def test_the_gauge_has_what_was_seen_last():
    counts = PartitionCounts()
    counts.see({"seen-last": 12})
    counts.see({"seen-last": 24})

    assert TOPIC_PARTITIONS.labels("seen-last")._value.get() == 24


def test_the_partitions_that_others_read_are_the_rest_of_all_that_the_broker_has():
    counts = PartitionCounts()
    assert counts.others([]) == []
    counts.see({"a": 3, "b": 1})

    assert counts.others([Place("a", 1)]) == [Place("a", 0), Place("a", 2), Place("b", 0)]
