"""The registry of topics and the types of events speak of the same things."""

from shared.contracts.envelope import MAX_VALUE_BYTES
from shared.contracts.inbound import PAYLOADS
from shared.contracts.outbound import OUTBOUND_PAYLOADS
from shared.contracts.topics import (
    DEAD_LETTERS,
    INBOUND,
    OUTBOUND,
    TOPIC_BY_NAME,
    TOPICS,
    dead_letter_topic,
)
from shared.domain.event_types import BY_TOPIC, EventType


def test_there_is_one_inbound_topic_per_type_named_as_the_type():
    assert [spec.name for spec in INBOUND] == list(BY_TOPIC)
    assert all(spec.name == spec.type for spec in INBOUND)
    assert len(INBOUND) == 11


def test_every_inbound_type_has_a_payload():
    assert set(PAYLOADS) == set(EventType)


def test_every_inbound_topic_has_its_dead_letters():
    assert [spec.name for spec in DEAD_LETTERS] == [f"{name}.dlq" for name in BY_TOPIC]
    assert dead_letter_topic("leadline.booking.v1") in TOPIC_BY_NAME


def test_outbound_topics_are_the_outbound_types():
    assert [spec.name for spec in OUTBOUND] == list(OUTBOUND_PAYLOADS)


def test_every_topic_keeps_the_brokers_own_time():
    assert {spec.config["message.timestamp.type"] for spec in TOPICS} == {"LogAppendTime"}


def test_the_registry_and_its_configuration_say_the_same():
    for spec in TOPICS:
        assert spec.config["retention.ms"] == str(spec.retention_ms)
        assert spec.partitions >= 1
        assert all(isinstance(value, str) for value in spec.config.values())
    assert len(TOPIC_BY_NAME) == len(TOPICS) == 25


def test_the_largest_accepted_value_fits_its_topic_and_twice_that_the_dead_letters():
    for spec in INBOUND:
        assert int(spec.config["max.message.bytes"]) > MAX_VALUE_BYTES
    for spec in DEAD_LETTERS:
        assert int(spec.config["max.message.bytes"]) > 2 * MAX_VALUE_BYTES
