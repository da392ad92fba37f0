"""Readiness of ingest and signals while nothing but their database goes away and comes back."""

import os
import re
from contextlib import closing

import httpx
import pytest

from shared.runtime.clock import WallClock
from shared.store.probe import DatabaseProbe
from shared.store.session import Database
from tests.support import nursery, process
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

PORT = re.compile(r'"metrics_port": (\d+)')


@pytest.fixture
def started(durable_postgres, tmp_path):
    """Start a service whose Kafka is not there; return the child, and how to probe it."""
    children = []

    def start(module):
        log = tmp_path / "service.log"
        environ = {
            "LEADLINE_DATABASE_URL": durable_postgres.create_database(),
            "LEADLINE_METRICS_PORT": "0",
            "LEADLINE_LOG_FORMAT": "json",
            "LEADLINE_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        }
        child = nursery.start((module,), log, os.environ | environ)
        children.append(child)
        port = eventually(lambda: PORT.search(log.read_text()), what="a port")[1]
        return child, lambda path: httpx.get(f"http://127.0.0.1:{port}/{path}")

    yield start
    for child in children:
        process.kill(child)


@pytest.mark.parametrize("module", ["services.ingest", "services.signals"])
def test_an_idle_process_names_a_database_that_is_away_and_is_ready_again_without_a_restart(
    durable_postgres, started, module
):
    child, probe = started(module)

    def said():
        return probe("readyz").json()["faults"].get("database", "")

    assert said() == ""
    durable_postgres.stop()
    eventually(lambda: said().startswith("database away"), what="the fault")
    assert probe("readyz").status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert probe("livez").status_code == httpx.codes.OK
    assert "127.0.0.1" not in said()

    durable_postgres.restart()
    eventually(lambda: said() == "", what="the database's return")
    assert child.poll() is None
    if module == "services.signals":  # which needs no Kafka
        assert probe("readyz").status_code == httpx.codes.OK


def test_a_database_that_hangs_is_away_within_the_time_limit_and_asked_once(durable_postgres):
    with closing(Database(durable_postgres.create_database())) as database:
        clock = WallClock()
        probe = DatabaseProbe(database, clock, limit_s=0.2)
        assert probe() is None
        durable_postgres.freeze()
        try:
            eventually(probe, what="the fault")
            begun = clock.monotonic()
            said = [probe() for _ in range(100)]
            assert all(one.startswith("database away: no answer for ") for one in said)
            assert clock.monotonic() - begun < 2
        finally:
            durable_postgres.thaw()
        eventually(lambda: probe() is None, what="the database's return")
