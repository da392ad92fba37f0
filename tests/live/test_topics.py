"""`leadline topics apply` on a real broker: what it creates, and what it finds wrong."""

import asyncio

import pytest
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
)

from shared.contracts.topics import DEAD_LETTERS, INBOUND, OUTBOUND
from shared.kafka.admin import apply_topics
from shared.runtime.settings import Settings
from tests.support.waiting import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture
def cluster(own_broker):
    """An empty cluster: `apply()` as the command does it, `admin` to spoil topics with."""
    return Cluster(own_broker.bootstrap)


class Cluster:
    """A broker as an operator sees it."""

    def __init__(self, bootstrap):
        self.admin = AdminClient({"bootstrap.servers": bootstrap})
        self._settings = Settings(kafka_bootstrap=bootstrap, _env_file=None)

    def apply(self, **options):
        states = asyncio.run(apply_topics(self._settings, **options))
        return {state.name: state for state in states}

    def apply_finding(self, wrong):
        """Return the report once just these topics are wrong in it: brokers learn in time."""
        states = self.apply()
        return states if wrong == {n for n, state in states.items() if not state.ok} else None

    def create(self, name, partitions, config):
        topic = NewTopic(name, partitions, 1, config=config)
        self.admin.create_topics([topic])[name].result(10)

    def configure(self, name, key, value):
        entry = ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
        resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry])
        self.admin.incremental_alter_configs([resource])[resource].result(10)


def test_the_number_of_partitions_given_concerns_inbound_topics_alone(cluster):
    created = cluster.apply(partitions=5)
    assert {state.outcome for state in created.values()} == {"created"}
    assert {created[spec.name].partitions for spec in INBOUND} == {5}
    for spec in (*DEAD_LETTERS, *OUTBOUND):
        assert created[spec.name].partitions == spec.partitions

    again = cluster.apply(partitions=5)
    assert again == {name: state._replace(outcome="present") for name, state in created.items()}


def test_topics_that_somebody_else_made_are_reported_with_their_fixes(cluster):
    booking, alert = INBOUND[0].name, "leadline.alert.v1"
    cluster.create(booking, 2, {})
    cluster.create(alert, 3, {"cleanup.policy": "compact"})

    states = eventually(lambda: cluster.apply_finding({booking, alert}), what="the report")

    said = states[booking].outcome
    assert "2 partitions, not 12" in said
    assert "message.timestamp.type is CreateTime" in said
    assert "--add-config message.timestamp.type=LogAppendTime" in said
    assert "cleanup.policy is compact" in states[alert].outcome


def test_what_the_report_says_to_do_makes_it_well(cluster):
    name = INBOUND[0].name
    cluster.create(name, 2, {})
    eventually(lambda: cluster.apply_finding({name}), what="the report")

    cluster.admin.create_partitions([NewPartitions(name, 12)])[name].result(10)
    for key in ("message.timestamp.type", "max.message.bytes"):
        cluster.configure(name, key, INBOUND[0].config[key])

    states = eventually(lambda: cluster.apply_finding(set()), what="a clean report")
    assert states[name] == (name, 12, "present", True)
