"""A whole small installation behind a running api: facts, scores, alerts, runs, dead letters.

Everything in it came the way it comes in use: events through ingest's own handler, evaluations
by the worker, runs by its plays; nothing is written around them.
"""

from contextlib import contextmanager
from datetime import UTC, date, datetime

from services.api.app import create_app
from services.api.keys import create_key
from services.api.serve import ApiServer
from services.cli.ports import mount
from services.cli.simulator import Simulation
from services.ingest.batch import Intake
from services.ingest.intake import EventIntake
from services.signals.worker import make_worker
from shared.runtime.settings import Settings
from shared.store.session import Database
from tests.support.factory import FakeClock

END = date(2026, 7, 1)
NOW = datetime(2026, 7, 1, 6, tzinfo=UTC)
BATCH = 500
RUNS = 36
BROKEN = (b"nonsense", b"\xff", b"{}", b'{"specversion":"1.0","id":"x","source":"/s"}')


class FilledApi:
    """A running api over a filled database."""

    def __init__(self, url, *, accounts=20, months=14, host="127.0.0.1"):
        self.database = Database(url)
        self.clock = FakeClock(NOW)
        self.settings = Settings(_env_file=None, http_host=host, clock="event")
        self._fill(Simulation(accounts=accounts, months=months, seed=7, end=END))
        intake, runs = mount(self.settings, self.database, self.clock)
        self._start_by_hand(runs, accounts)
        self.app = create_app(self.database, self.settings, self.clock, intake=intake, runs=runs)
        self.server = ApiServer(self.app, "127.0.0.1", 0)

    @property
    def url(self):
        return self.server.url

    def token(self, role, kam=None):
        return create_key(self.database, self.clock, role=role, kam=kam).token

    def close(self):
        self.server.stop()
        self.database.close()

    def _fill(self, simulation):
        intake = EventIntake(self.database, self.clock, Intake.HTTP)
        events = [event.value for event in simulation]
        for at in range(0, len(events), BATCH):
            intake.accept(events[at : at + BATCH])
        intake.accept(list(BROKEN))
        worker = make_worker(self.settings, self.database, self.clock)
        worker.end_of_input()
        while worker.step():
            pass

    def _start_by_hand(self, runs, accounts):
        """Start plays that no alert asked for, so that there are open ones for whoever acts."""
        for number in range(RUNS):
            account = f"ACC-{1 + number % accounts:04}"
            runs.start_run("executive_review", account, actor="kam-linh", key=f"by-hand-{number}")


@contextmanager
def filled_api(url, **options):
    """Fill the database, then serve it."""
    api = FilledApi(url, **options)
    api.server.start()
    try:
        yield api
    finally:
        api.close()
