"""The api as a client meets it: a real server on a free port, and fakes of its ports."""

import ssl
from contextlib import contextmanager
from threading import Lock

import httpx
from sqlalchemy import select

from services.api.app import create_app
from services.api.keys import create_key
from services.api.serve import ApiServer
from shared.runtime.settings import Settings
from shared.store.session import Database
from shared.store.tables import RunActionRow
from tests.support.factories import Factory, FixedClock

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: these clients speak plain HTTP, and reading every authority takes each 30 ms."""


class FakeIntake:
    """Accepts everything, and remembers what it was given."""

    def __init__(self):
        self.accepted = []
        self.rejected = []
        self.replayed = []
        self.discarded = []

    def accept(self, values):
        self.accepted += values
        return [{"id": "1", "source": "/s", "status": "accepted", "reason": None} for _ in values]

    def reject_body(self, body, reason, detail):
        self.rejected.append((body, reason))

    def replay(self, dead_letter_id):
        self.replayed.append(dead_letter_id)
        return {"dead_letter_id": dead_letter_id, "status": "accepted", "reason": None}

    def discard(self, dead_letter_id, reason, *, actor):
        if dead_letter_id > 1000:
            raise LookupError(dead_letter_id)
        self.discarded.append((dead_letter_id, reason, actor))


class FakeRuns:
    """Runs over the tables, as far as the api can see them."""

    def __init__(self, factory, database):
        self._factory, self._database = factory, database
        self._one_at_a_time = Lock()
        self.started = {}

    def playbooks(self):
        return [
            {
                "playbook": "executive_review",
                "version": 1,
                "title": "Executive review",
                "titles": {"en": "Executive review", "vi": "Họp EBR đặc biệt"},
                "outcomes": ["recovered_by_action", "recovered_alone", "lost"],
                "called": False,
                "cooldown_days": 14,
            }
        ]

    def start_run(self, playbook, account_id, *, actor, key):
        with self._one_at_a_time:
            if key not in self.started:
                self.started[key] = f"run-{len(self.started) + 100}"
                self._factory.run(self.started[key], account_id)
            return self.started[key]

    def complete_task(self, run_id, task_id, *, actor, expected=None):
        done = self._acts(run_id)
        if any(act.task_id == task_id for act in done):
            return
        if any(act.kind == "close" for act in done):
            raise ValueError(f"run {run_id} is closed")
        self._factory.run_act(run_id, "complete_task", task_id=task_id)

    def close_run(self, run_id, outcome, note, *, actor, expected=None):
        closed = next((act for act in self._acts(run_id) if act.kind == "close"), None)
        if closed is None:
            self._factory.run_act(run_id, "close", outcome=outcome, note=note)
        elif (closed.outcome, closed.note) != (outcome, note):
            raise ValueError(f"run {run_id} was closed as {closed.outcome}")

    def end_runs_of(self, alert_id):
        pass  # these have none

    def _acts(self, run_id):
        with self._database.read() as connection:
            act = RunActionRow.__table__
            return connection.execute(select(act).where(act.c.run_id == run_id)).all()


class Api:
    """A running api and everything a test needs of it."""

    def __init__(self, url, *, host="127.0.0.1", commands=None, **settings):
        self.database = Database(url)
        self.clock = FixedClock()
        self.make = Factory(self.database)
        self.intake = FakeIntake()
        self.runs = (
            commands(self.database, self.clock) if commands else FakeRuns(self.make, self.database)
        )
        self.app = create_app(
            self.database,
            Settings(_env_file=None, http_host=host, **settings),
            self.clock,
            intake=self.intake,
            runs=self.runs,
        )
        self.server = ApiServer(self.app, "127.0.0.1", 0)
        self._clients = []

    def token(self, role, kam=None, **options):
        return create_key(self.database, self.clock, role=role, kam=kam, **options).token

    def client(self, role="admin", kam=None, token=None):
        """Return a client with a key of the role; role None sends no token."""
        token = token or (self.token(role, kam) if role else None)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx.Client(base_url=self.server.url, headers=headers, timeout=10, verify=TLS)
        self._clients.append(client)
        return client

    def close(self):
        for client in self._clients:
            client.close()
        self.server.stop()
        self.database.close()


@contextmanager
def running_api(url, **options):
    """Start an api over a database file."""
    api = Api(url, **options)
    api.server.start()
    try:
        yield api
    finally:
        api.close()
