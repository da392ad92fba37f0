"""Starts the day's upkeep as a process of its own, so that scoring never waits for it.

Any number of processes may start it: who claims the day's report makes it, the others end at once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError

from shared.runtime.settings import PREFIX, Settings

log = structlog.get_logger(__name__)

FIRST_SECONDS = 120.0
EVERY_SECONDS = 1800.0
"""Half an hour: a day that ended is looked at soon, and an idle look costs two seconds."""
COMMAND = (sys.executable, "-m", "services.signals.upkeep")
_GRACE_SECONDS = 5.0


class Beside:
    """A thread that runs the command now and then, and ends it when the service ends.

    `refresh` is called at the start and after each look.
    """

    def __init__(
        self,
        settings: Settings,
        refresh: Callable[[], None] = lambda: None,
        *,
        command: tuple[str, ...] = COMMAND,
        first: float = FIRST_SECONDS,
        every: float = EVERY_SECONDS,
    ) -> None:
        self._environment = {
            **os.environ,
            f"{PREFIX}DATABASE_URL": settings.database_url,
            f"{PREFIX}CLOCK": settings.clock,
        }
        self._refresh = refresh
        self._command, self._first, self._every = command, first, every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signals-upkeep", daemon=True)

    def start(self) -> None:
        """Begin; the first look comes when the service has settled."""
        self._thread.start()

    @property
    def is_running(self) -> bool:
        """Return whether it has begun and not ended."""
        return self._thread.is_alive()

    def close(self) -> None:
        """End, and end the process under way: what it did not store it does again."""
        self._stopped.set()
        self._thread.join(_GRACE_SECONDS)

    def _run(self) -> None:
        self._refreshed()
        pause = self._first
        while not self._stopped.wait(pause):
            pause = self._every
            try:
                self._look()
            except OSError as error:
                log.warning("upkeep could not be started", error=str(error))
            self._refreshed()

    def _refreshed(self) -> None:
        """Show what the last look found, whoever made it."""
        try:
            self._refresh()
        except DBAPIError as error:
            log.warning("upkeep's gauges wait for the database", error=str(error).split("\n")[0])

    def _look(self) -> None:
        with subprocess.Popen(self._command, env=self._environment) as process:  # noqa: S603
            while process.poll() is None:
                if self._stopped.wait(0.5):
                    process.terminate()
            if process.returncode and not self._stopped.is_set():
                log.warning("upkeep failed", code=process.returncode)
