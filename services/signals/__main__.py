"""The signals process: settings, database, health, then the service until SIGTERM."""

from __future__ import annotations

import sys
import threading

import structlog

from services.signals.gauges import refresh_gauges
from services.signals.worker import SignalsWorker
from shared.runtime.clock import WallClock
from shared.runtime.health import HealthServer
from shared.runtime.lifecycle import stop_on_signals
from shared.runtime.process import ServiceError, start
from shared.runtime.settings import Settings
from shared.store.keys import TokenRoles
from shared.store.migrate import check_schema
from shared.store.probe import DatabaseProbe
from shared.store.session import Database

log = structlog.get_logger(__name__)

DEFAULT_METRICS_PORT = 9102


def run(settings: Settings) -> None:
    """Run until SIGTERM; raise `ExpectedError` where it cannot."""
    database = Database(settings.database_url, name="leadline-signals")
    if database.sqlite:
        raise ServiceError("signals alone needs PostgreSQL; with SQLite run `leadline up`")
    clock = WallClock()
    check_schema(database)
    worker = SignalsWorker(settings, database, clock)
    port = DEFAULT_METRICS_PORT if settings.metrics_port is None else settings.metrics_port
    health = HealthServer(
        settings.http_host,
        port,
        live={"signals": worker.fault},
        ready={"database": DatabaseProbe(database, clock)},
        refresh=lambda: refresh_gauges(database, clock, settings.clock),
        authorize=TokenRoles(database, clock),
    )
    log.info("signals started", metrics_port=health.port, clock=settings.clock)
    stop = stop_on_signals()
    try:
        worker.run(_waking(stop, worker))
    finally:
        health.close()
        database.close()


def _waking(stop: threading.Event, worker: SignalsWorker) -> threading.Event:
    """Return the flag; when it is set, the worker does not sleep on."""

    def wait() -> None:
        stop.wait()
        worker.wake()

    threading.Thread(target=wait, name="stop", daemon=True).start()
    return stop


if __name__ == "__main__":
    sys.exit(start("signals", run))
