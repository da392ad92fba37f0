"""`python -m services.api`: the api alone, reading and acting on alerts.

Events in and playbook commands need other services' code: `leadline api` mounts them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from services.api.app import create_app
from services.api.ports import Intake, RunCommands
from services.api.serve import serve
from shared.runtime.clock import Clock, WallClock
from shared.runtime.lifecycle import stop_on_signals
from shared.runtime.process import start
from shared.runtime.settings import Settings
from shared.store.migrate import check_schema
from shared.store.session import Database

POOL = 20
Mount = Callable[[Database, Clock], tuple[Intake | None, RunCommands | None]]


def run(settings: Settings, mount: Mount = lambda _database, _clock: (None, None)) -> None:
    """Serve until a signal; `mount` brings the ports of other services.

    Raises `ExpectedError` where it cannot.
    """
    clock = WallClock()
    database = Database(settings.database_url, name="leadline-api", pool_size=POOL)
    try:
        check_schema(database)
        intake, runs = mount(database, clock)
        app = create_app(database, settings, clock, intake=intake, runs=runs)
        stop = stop_on_signals()
        serve(app, settings.http_host, settings.http_port, stop, started=_announce)
    finally:
        database.close()


def _announce(url: str) -> None:
    print(f"Leadline listens at {url}", flush=True)  # noqa: T201  # port 0 must be told


if __name__ == "__main__":
    sys.exit(start("api", run))
