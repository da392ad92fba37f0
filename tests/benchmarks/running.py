"""Servers and service processes of a benchmark: real ones, of their own, gone afterwards."""

import os
import re
import shutil
import sys
import time
from contextlib import contextmanager

import psycopg

from shared.store.session import Database
from tests.support import process
from tests.support.kafka import KafkaBroker
from tests.support.postgres import PostgresServer
from tests.support.process import ROOT

PARTITIONS = 12
SERVER_SETTINGS = ROOT / "deploy" / "postgres" / "postgresql.conf"


def server_settings():
    """Return the settings that the deployment gives PostgreSQL, one text each."""
    pairs = re.findall(r"^(\w+) = (\S+)", SERVER_SETTINGS.read_text(), re.MULTILINE)
    return [f"{name}={value}" for name, value in pairs]


@contextmanager
def servers(*settings):
    """Yield a broker and a durable PostgreSQL with the deployment's settings, and these."""
    broker, database = KafkaBroker(), None
    try:
        database = PostgresServer(durable=True, settings=[*server_settings(), *settings])
        yield broker.start(), database.start()
    finally:
        broker.close()
        if database is not None:
            database.close()


class Service:
    """`python -m MODULE` with settings of its own."""

    def __init__(self, module, *arguments, **settings):
        self.module = module
        self._home = process.short_dir("bench")
        self._log = self._home / "log"
        rest = {k: v for k, v in os.environ.items() if not k.startswith("LEADLINE_")}
        given = {f"LEADLINE_{name.upper()}": str(value) for name, value in settings.items()}
        self._environment = rest | {"PYTHONPATH": str(ROOT), "LEADLINE_LOG_FORMAT": "json"} | given
        self._command = [sys.executable, "-m", module, *arguments]
        self._process = None

    def __enter__(self):
        self._process = process.start(
            self._command, self._log, env=self._environment, cwd=self._home
        )
        return self

    def __exit__(self, *_):
        process.stop(self._process, timeout_s=15)
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def pid(self):
        return self._process.pid

    @property
    def log(self):
        return process.tail(self._log)

    def wait(self, answer, *, timeout_s=120, pause_s=0.01):
        """Call `answer` until it returns something true; return that, or say why it never did."""
        deadline = time.perf_counter() + timeout_s
        while not (found := answer()):
            if self._process.poll() is not None or time.perf_counter() > deadline:
                raise RuntimeError(f"{self.module}: not done after {timeout_s} s\n{self.log}")
            time.sleep(pause_s)
        return found


def value(connection, statement):
    """Return the one value of a query; None while its table is missing."""
    try:
        row = connection.execute(statement).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return row[0]


@contextmanager
def opened(url):
    """Yield the driver's own connection to a database, each statement a transaction."""
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            if isinstance(raw, psycopg.Connection):
                raw.autocommit = True
            yield raw
    finally:
        database.close()
