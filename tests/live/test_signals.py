"""The signals process on a real PostgreSQL: starts, hears of facts, drains, refuses SQLite."""

import os
import signal
import subprocess
import sys
import time

import pytest

from shared.runtime.clock import WallClock
from shared.store.session import Database
from tests.support.factory import Installation


def started(url):
    return subprocess.Popen(
        [sys.executable, "-m", "services.signals"],
        env={**os.environ, "LEADLINE_DATABASE_URL": url, "LEADLINE_METRICS_PORT": "0"},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.postgres
def test_the_process_scores_new_facts_and_stops_with_0(postgres_url):
    process = started(postgres_url)
    database = Database(postgres_url)
    try:
        leadline = Installation(database, "wall", WallClock().now())
        leadline.bookings("A", weeks=40)
        deadline = time.perf_counter() + 30
        while time.perf_counter() < deadline and not leadline.rows(
            "SELECT 1 AS one FROM account_score WHERE scored_revision > 0"
        ):
            time.sleep(0.05)
        assert leadline.rows("SELECT 1 AS one FROM account_score WHERE scored_revision > 0")
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        process.kill()
        process.communicate()
        database.close()


def test_alone_on_sqlite_it_refuses_in_one_line(tmp_path):
    process = started(f"sqlite:///{tmp_path}/x.db")
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said.strip().splitlines() == [
        "leadline signals: signals alone needs PostgreSQL; with SQLite run `leadline up`"
    ]
