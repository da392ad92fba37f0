"""A broker with our topics, a database, and ingest processes to start and kill."""

import pytest

from tests.support.kafka import KafkaBroker
from tests.support.process import UnavailableError
from tests.support.world import open_world


@pytest.fixture
def own_broker(kafka_broker):
    """A broker of this test's own, since topics have fixed names; it may be killed."""
    try:
        broker = KafkaBroker()
    except UnavailableError as error:
        pytest.skip(str(error))
    broker.start()
    yield broker
    broker.close()


@pytest.fixture
def world(own_broker, postgres_url, tmp_path):
    """A world on the session's PostgreSQL."""
    with open_world(own_broker, postgres_url, tmp_path) as opened:
        yield opened
