"""What `topics apply` says of topics that are there."""

import pytest

from shared.contracts.topics import DEAD_LETTERS, INBOUND, OUTBOUND, TOPICS
from shared.kafka.topic_faults import topic_faults, wanted_partitions


def test_the_number_of_partitions_given_is_for_inbound_topics_alone():
    assert {wanted_partitions(spec, 24) for spec in INBOUND} == {24}
    for spec in (*DEAD_LETTERS, *OUTBOUND):
        assert wanted_partitions(spec, 24) == spec.partitions
        assert wanted_partitions(spec, 1) == spec.partitions
    assert all(wanted_partitions(spec, None) == spec.partitions for spec in TOPICS)


@pytest.mark.parametrize("spec", TOPICS, ids=lambda spec: spec.name)
def test_a_topic_as_the_registry_has_it_has_no_fault(spec):
    assert topic_faults(spec, spec.partitions, spec.partitions, spec.config) == []
    roomy = {**spec.config, "max.message.bytes": "9999999", "retention.ms": "-1"}
    assert topic_faults(spec, spec.partitions, spec.partitions + 3, roomy) == []
    assert topic_faults(spec, spec.partitions, spec.partitions, {}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("message.timestamp.type", "CreateTime"),
        ("cleanup.policy", "compact"),
        ("max.message.bytes", "1000"),
    ],
)
def test_a_wrong_configuration_is_named_with_its_fix(name, value):
    spec = OUTBOUND[0]
    (fault,) = topic_faults(spec, 3, 3, {**spec.config, name: value})
    assert f"{name} is {value}" in fault
    assert f"--entity-name {spec.name} --add-config {name}={spec.config[name]}" in fault


def test_too_few_partitions_are_named_with_their_fix():
    (inbound,) = topic_faults(INBOUND[0], 12, 4, INBOUND[0].config)
    assert "4 partitions, not 12" in inbound
    assert f"--topic {INBOUND[0].name} --partitions 12" in inbound
    assert "--partitions 4 if that is meant" in inbound
    (outbound,) = topic_faults(OUTBOUND[0], 3, 1, OUTBOUND[0].config)
    assert "if that is meant" not in outbound
