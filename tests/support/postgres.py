"""A real PostgreSQL server on loopback: start, stop, kill with its backends, restart."""

import contextlib
import itertools
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from shared.store.migrate import migrate
from shared.store.session import Database
from tests.support import process
from tests.support.process import CACHE, UnavailableError

TEMPLATE_DATABASE = "leadline_template"
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
"""Quick, and good enough where nothing is killed."""


def postgres_bin():
    """Return the folder of the newest installed server's programs."""
    found = [p.parent for p in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if onpath := shutil.which("initdb"):
        found.append(Path(onpath).resolve().parent)
    if not found:
        raise UnavailableError("PostgreSQL's server is not installed")
    return max(found, key=lambda path: [int(n) for n in re.findall(r"\d+", str(path))])


class PostgresServer:
    """One server; `durable=True` keeps fsync on, which a test that kills it needs."""

    def __init__(self, *, durable=False, settings=()):
        self._bin = postgres_bin()
        self.home = process.short_dir("pg", in_memory=not durable)
        self.log = self.home / "postgres.log"
        (self.port,) = process.free_ports(1)
        self._settings = [*(() if durable else CARELESS), "max_connections=100", *settings]
        self._process = None
        self._numbers = itertools.count(1)
        self._lay_out()

    @property
    def pid(self):
        return self._process.pid

    def url(self, database="postgres"):
        """Return the address of one database, as `LEADLINE_DATABASE_URL` takes it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def start(self, timeout_s=60):
        """Start and wait until it answers."""
        settings = (
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.home}",
            *self._settings,
        )
        options = [part for setting in settings for part in ("-c", setting)]
        command = [self._bin / "postgres", "-D", self.home / "data", *options]
        self._process = process.start(command, self.log, cwd="/", **_user())
        self._wait_ready(timeout_s)
        return self

    def stop(self):
        """Shut down cleanly, cutting off clients (fast mode)."""
        self._process.send_signal(2)
        self._process.wait(30)

    def kill(self):
        """SIGKILL the postmaster and every backend."""
        process.kill(self._process)

    def freeze(self):
        """SIGSTOP the postmaster and every backend."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self):
        """Let all go on."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number):
        for pid in (self.pid, *process.children(self.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def restart(self):
        """Start again with the same data and port, whatever ended it."""
        process.kill(self._process)
        return self.start()

    def close(self):
        """End for good and remove the data."""
        if self._process is not None:
            self.kill()
        shutil.rmtree(self.home, ignore_errors=True)

    def create_database(self):
        """Return the URL of a new database with the current schema."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            if not _exists(connection, TEMPLATE_DATABASE):
                connection.execute(f"CREATE DATABASE {TEMPLATE_DATABASE}")
                _migrate(self.url(TEMPLATE_DATABASE))
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE_DATABASE}")
        return self.url(name)

    def drop_database(self, url):
        """Remove a database, cutting off whoever is left."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def replace_database(self, url, by):
        """Let another database take a name, as after a restore, cutting off whoever is left."""
        old, new = (one.rpartition("/")[2] for one in (url, by))
        self.drop_database(url)
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {new} RENAME TO {old}")

    def _lay_out(self):
        """Copy a cluster that was initialised once per machine and version."""
        template = CACHE / "postgres" / self._bin.parent.name
        data = self.home / "data"
        if not template.exists():
            self._initialise(data)
            process.keep(data, template)
        else:
            shutil.copytree(template, data)
        data.chmod(0o700)
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", "postgres:", self.home], check=True)

    def _initialise(self, data):
        if os.getuid() == 0:
            shutil.chown(self.home, "postgres", "postgres")
        command = [self._bin / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"]
        command += ["--no-instructions", "-E", "UTF8", "--locale=C"]
        if process.start(command, self.log, cwd="/", **_user()).wait(60):
            raise RuntimeError(f"cannot initialise PostgreSQL:\n{process.tail(self.log)}")

    def _wait_ready(self, timeout_s):
        deadline = time.perf_counter() + timeout_s
        while time.perf_counter() < deadline and self._process.poll() is None:
            try:
                with psycopg.connect(self.url(), connect_timeout=2) as connection:
                    connection.execute("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError(f"PostgreSQL does not serve:\n{process.tail(self.log)}")


def _user():
    """PostgreSQL refuses to run as root; drop to its own user there."""
    if os.getuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _exists(connection, name):
    found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    return found.fetchone() is not None


def _migrate(url):
    database = Database(url)
    try:
        migrate(database)
    finally:
        database.close()
