"""The product as `deploy/compose.yaml` runs it: the same commands, as processes of this machine.

Only addresses change: a container's name becomes loopback, its port a free one.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time

import httpx
import psycopg
import yaml

from tests.support import process
from tests.support.process import ROOT

COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
ONE_SHOTS = ("migrate", "roles", "topics", "scrape-key")
SERVICES = ("ingest", "signals", "api")
HEALTH_PORTS = {"ingest": "9101", "signals": "9102", "api": "8080"}


class Deployment:
    """Runs compose's one-shots, then its services, against real servers."""

    def __init__(self, kafka_bootstrap, postgres_server, **settings):
        self.home = process.short_dir("deployed")
        self.keys = self.home / "keys"
        self.keys.mkdir()
        self.ports = dict(zip(SERVICES, process.free_ports(len(SERVICES)), strict=True))
        self._bootstrap = kafka_bootstrap
        self._server = postgres_server
        self._database = f"deployed_{self.ports['api']}"
        self._settings = settings
        self._processes = {}

    @property
    def url(self):
        return f"http://127.0.0.1:{self.ports['api']}"

    def up(self):
        """Do what `docker compose up` does, in its order; return once every service is ready."""
        self._create_database()
        for name in ONE_SHOTS:
            self.one_shot(name)
        for name in SERVICES:
            self.start(name)
        for name in SERVICES:
            self.wait_ready(name)
        return self

    def one_shot(self, name):
        """Run a service of compose to its end; it must succeed."""
        done = self._run(self._command(name), self._environment(name))
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout

    def leadline(self, *arguments, like="api"):
        """Run a `leadline` command with the settings of one service; return its stdout."""
        command = [*LEADLINE, *map(str, arguments)]
        done = self._run(command, self._environment(like))
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, name):
        """Start a service."""
        self._processes[name] = process.start(
            self._command(name),
            self.home / f"{name}.log",
            env=self._environment(name),
            cwd=self.home,
        )

    def stop(self, name):
        """Ask a service to end; return its exit code and the seconds that it took."""
        begun = time.perf_counter()
        self._processes[name].terminate()
        code = self._processes[name].wait(30)
        return code, time.perf_counter() - begun

    def wait_ready(self, name, timeout_s=60):
        """Run compose's own health check until it passes."""
        check = [self._adapt(name, part) for part in COMPOSE[name]["healthcheck"]["test"]]
        assert check.pop(0) == "CMD"
        check[0] = sys.executable
        check[1] = str(ROOT / "deploy" / "healthcheck.py")
        deadline = time.perf_counter() + timeout_s
        while subprocess.run(check, capture_output=True, check=False).returncode:
            ended = self._processes[name].poll() is not None
            if ended or time.perf_counter() > deadline:
                raise AssertionError(f"{name} is not ready:\n{self.log(name)}")
            time.sleep(0.1)

    def log(self, name):
        """Return the end of a service's log."""
        return process.tail(self.home / f"{name}.log", 40)

    def client(self, role="admin"):
        """Return an HTTP client with a new key of that role."""
        token = self.leadline("keys", "create", "--role", role).strip()
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20)

    def down(self):
        """End what still runs, remove the data."""
        for each in self._processes.values():
            process.stop(each, timeout_s=15)
        with (
            contextlib.suppress(psycopg.Error),
            psycopg.connect(self._server.url(), autocommit=True) as connection,
        ):
            connection.execute(f"DROP DATABASE IF EXISTS {self._database} WITH (FORCE)")
        shutil.rmtree(self.home, ignore_errors=True)

    def _create_database(self):
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            owner = "SELECT 1 FROM pg_roles WHERE rolname = 'leadline'"
            if connection.execute(owner).fetchone() is None:
                connection.execute("CREATE ROLE leadline LOGIN SUPERUSER")
            connection.execute(f"CREATE DATABASE {self._database} OWNER leadline")

    def _command(self, name):
        service = COMPOSE[name]
        command = [self._adapt(name, part) for part in service["command"]]
        if service["image"] != "leadline:local":
            return command
        if entry := service.get("entrypoint"):
            assert entry == ["sh", "-c"]
            return ["sh", "-c", command[0].replace("leadline keys", f"{' '.join(LEADLINE)} keys")]
        return [*LEADLINE, *command]

    def _environment(self, name):
        """Compose's variables for a service over this process's, less its own settings."""
        given = {
            key: self._adapt(name, value)
            for key, value in COMPOSE[name].get("environment", {}).items()
        }
        port = {"api": "LEADLINE_HTTP_PORT"}.get(name, "LEADLINE_METRICS_PORT")
        ours = {"LEADLINE_HTTP_HOST": "127.0.0.1", "PYTHONPATH": str(ROOT), **self._settings}
        if name in self.ports:
            ours[port] = str(self.ports[name])
        rest = {k: v for k, v in os.environ.items() if not k.startswith("LEADLINE_")}
        return rest | given | ours

    def _adapt(self, name, text):
        """Put this machine's addresses and paths in the place of the containers'."""
        adapted = {
            "kafka:9092": self._bootstrap,
            "@postgres:5432/leadline": f"@127.0.0.1:{self._server.port}/{self._database}",
            "/keys/": f"{self.keys}/",
            "--file=/roles.sql": f"--file={ROOT / 'deploy' / 'postgres' / 'roles.sql'}",
        }
        if name in HEALTH_PORTS:
            adapted[f"127.0.0.1:{HEALTH_PORTS[name]}/"] = f"127.0.0.1:{self.ports[name]}/"
        for password in ("POSTGRES", "INGEST", "SIGNALS", "API"):
            adapted[f"${{{password}_PASSWORD:?give it a value in deploy/.env}}"] = "secret"
            adapted[f"${{{password}_PASSWORD}}"] = "secret"
        for old, new in adapted.items():
            text = text.replace(old, new)
        assert "${" not in text, text
        return text

    def _run(self, command, environment):
        return subprocess.run(
            command,
            env=environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


LEADLINE = (sys.executable, "-m", "services.cli")
