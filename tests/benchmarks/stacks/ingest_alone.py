"""Leadline's ingest in a process of its own on SQLite, where else only `leadline up` runs it."""

import asyncio

import uvloop

from services.ingest.service import IngestService
from shared.runtime.clock import WallClock
from shared.runtime.logging import configure_logging
from shared.runtime.settings import read_settings
from shared.store.session import Database


async def main():
    settings = read_settings()
    configure_logging(settings.log_format, settings.log_level)
    service = IngestService(settings, Database(settings.database_url), WallClock())
    await service.run(asyncio.Event())


if __name__ == "__main__":
    uvloop.run(main())
