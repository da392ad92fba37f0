"""A broker with our topics, a database, and the product's processes to start and kill."""

import asyncio
import os
import time
from contextlib import contextmanager

import psycopg
import pytest

from shared.kafka.admin import apply_topics
from shared.runtime.settings import Settings
from tests.support import nursery, process

PARTITIONS = 4


class World:
    """One broker, one PostgreSQL database, and the services that the test starts.

    `bootstrap` is where the product looks for Kafka: the broker itself, or a proxy before it.
    """

    def __init__(self, broker, database_url, folder, *, bootstrap=None):
        self.broker = broker
        self.database_url = database_url
        self.folder = folder
        self.bootstrap = bootstrap or broker.bootstrap
        self.settings = Settings(
            database_url=database_url, kafka_bootstrap=broker.bootstrap, _env_file=None
        )
        self._started = []

    def apply_topics(self, partitions=PARTITIONS):
        """Create every topic."""
        states = asyncio.run(apply_topics(self.settings, partitions=partitions))
        assert all(state.ok for state in states), states

    def spawn(self, *command, **environ):
        """Start `python -m ...` with the world's settings."""
        log = self.folder / f"{'-'.join(command).replace('/', '_')}-{len(self._started)}.log"
        environment = os.environ | {
            "LEADLINE_DATABASE_URL": self.database_url,
            "LEADLINE_KAFKA_BOOTSTRAP": self.bootstrap,
            "LEADLINE_METRICS_PORT": "0",
            "LEADLINE_LOG_FORMAT": "json",
        }
        child = nursery.start(command, log, environment | environ)
        child.log = log
        self._started.append(child)
        return child

    def rows(self, statement, *values):
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()

    def value(self, statement, *values):
        return self.rows(statement, *values)[0][0]

    def wait_for(self, statement, expected, *, timeout_s=60):
        """Wait until a query gives the expected value; a database that is away is waited for."""
        deadline = time.perf_counter() + timeout_s
        seen = None
        while time.perf_counter() < deadline:
            try:
                seen = self.value(statement)
            except psycopg.OperationalError as error:
                seen = error
            if seen == expected:
                return
            time.sleep(0.1)
        pytest.fail(
            f"{statement!r} is {seen!r}, not {expected!r}, after {timeout_s} s\n{self.tails()}"
        )

    def tails(self):
        """Return the end of every process's log."""
        return "\n".join(f"--- {c.log.name}\n{process.tail(c.log, 12)}" for c in self._started)

    def close(self):
        for child in self._started:
            process.kill(child)


@contextmanager
def open_world(broker, database_url, folder):
    world = World(broker, database_url, folder)
    world.apply_topics()
    try:
        yield world
    finally:
        world.close()
