"""`leadline topics` on what is no topic of ours to read, and on a broker that is no Kafka."""

import sqlite3

import pytest

from shared.contracts.topics import INBOUND, TOPICS
from shared.kafka.embedded import EmbeddedBroker
from tests.support.cli import Cli

OFFSETS = "SELECT count(*) FROM consumer_offset"


@pytest.fixture
def cli(tmp_path):
    ready = Cli(tmp_path)
    assert ready("migrate").code == 0
    return ready


@pytest.fixture
def rows_of(cli):
    """Return a function that reads one value of the command's database."""

    def read(statement):
        with sqlite3.connect(cli.folder / "cli.db") as connection:
            return connection.execute(statement).fetchone()[0]

    return read


@pytest.mark.parametrize(
    "topic", ["leadline.alert.v1", "leadline.booking.v1.dlq", "leadline.visit.v1"]
)
def test_a_topic_that_leadline_does_not_read_is_not_adopted(cli, topic, rows_of):
    with EmbeddedBroker({topic: 3}) as broker:
        ran = cli("topics", "adopt", topic, LEADLINE_KAFKA_BOOTSTRAP=broker.bootstrap)
    assert (ran.code, ran.out) == (1, "")
    assert f"Leadline does not read {topic}" in ran.err
    assert "leadline.booking.v1" in ran.err
    assert rows_of(OFFSETS) == 0


def test_a_topic_that_the_cluster_lacks_is_not_adopted(cli, rows_of):
    with EmbeddedBroker({"leadline.account.v1": 3}) as broker:
        ran = cli(
            "topics", "adopt", "leadline.booking.v1", LEADLINE_KAFKA_BOOTSTRAP=broker.bootstrap
        )
    assert (ran.code, ran.out) == (1, "")
    assert "the cluster has no topic leadline.booking.v1" in ran.err
    assert rows_of(OFFSETS) == 0


def test_a_topic_that_leadline_reads_is_adopted(cli, rows_of):
    topic = INBOUND[0].name
    with EmbeddedBroker({topic: 3}) as broker:
        ran = cli("topics", "adopt", topic, LEADLINE_KAFKA_BOOTSTRAP=broker.bootstrap)
    assert (ran.code, rows_of(OFFSETS)) == (0, 3)


def test_a_broker_that_cannot_tell_of_its_topics_is_named_with_what_to_do(cli):
    with EmbeddedBroker({spec.name: 1 for spec in TOPICS}) as broker:
        ran = cli("topics", "apply", LEADLINE_KAFKA_BOOTSTRAP=broker.bootstrap)
    assert (ran.code, ran.out) == (1, "")
    assert broker.bootstrap in ran.err
    assert "embedded broker of `leadline demo`" in ran.err
    assert "LEADLINE_KAFKA_BOOTSTRAP" in ran.err
    assert len(ran.err.splitlines()) == 1
