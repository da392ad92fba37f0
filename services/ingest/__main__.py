"""The ingest process: settings, database, health, then the service until SIGTERM."""

from __future__ import annotations

import asyncio
import sys
import threading

import structlog
import uvloop

from services.ingest.gauges import refresh_gauges
from services.ingest.service import IngestService
from shared.kafka.positions import LogLostError
from shared.runtime.clock import WallClock
from shared.runtime.collector import relax_collector
from shared.runtime.health import HealthServer
from shared.runtime.lifecycle import stop_on_signals
from shared.runtime.process import ServiceError, start
from shared.runtime.settings import Settings
from shared.runtime.turns import take_short_turns
from shared.store.keys import TokenRoles
from shared.store.migrate import check_schema
from shared.store.probe import DatabaseProbe
from shared.store.session import Database

log = structlog.get_logger(__name__)

DEFAULT_METRICS_PORT = 9101


def run(settings: Settings) -> None:
    """Run until SIGTERM; raise `ExpectedError` where it cannot."""
    database = Database(settings.database_url, name="leadline-ingest")
    if database.sqlite:
        raise ServiceError("ingest alone needs PostgreSQL; with SQLite run `leadline up`")
    if not settings.kafka_bootstrap:
        raise ServiceError("LEADLINE_KAFKA_BOOTSTRAP is empty: name the brokers, as in host:9092")
    check_schema(database)
    clock = WallClock()
    service = IngestService(settings, database, clock)
    port = DEFAULT_METRICS_PORT if settings.metrics_port is None else settings.metrics_port
    health = HealthServer(
        settings.http_host,
        port,
        live={"consumer": service.stalled},
        ready={"ingest": service.fault, "database": DatabaseProbe(database, clock)},
        refresh=lambda: refresh_gauges(database),
        authorize=TokenRoles(database, clock),
    )
    log.info("ingest started", metrics_port=health.port)
    stop = stop_on_signals()
    relax_collector()
    take_short_turns()
    try:
        uvloop.run(_until(stop, service))
    except LogLostError as error:
        raise ServiceError(str(error)) from error
    finally:
        health.close()
        database.close()


async def _until(stop: threading.Event, service: IngestService) -> None:
    """Run the service; hand the process's stop flag to its loop."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait() -> None:
        stop.wait()
        loop.call_soon_threadsafe(asked.set)

    threading.Thread(target=wait, name="stop", daemon=True).start()
    await service.run(asked)


if __name__ == "__main__":
    sys.exit(start("ingest", run))
