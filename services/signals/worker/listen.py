"""Being told of new facts by PostgreSQL; polling stays as the fallback."""

from __future__ import annotations

import threading
from collections.abc import Callable

import psycopg
import structlog

log = structlog.get_logger(__name__)

CHANNEL = "leadline_facts"
WAIT_SECONDS = 1.0
RETRY_SECONDS = 2.0


class Listener:
    """A connection of its own in a thread of its own, made again when it breaks."""

    def __init__(self, url: str, heard: Callable[[], None]) -> None:
        self._url, self._heard = url, heard
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="signals-listen", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._stop.set()
        self._thread.join(WAIT_SECONDS + RETRY_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                log.info("listening again soon", error=str(error).strip())
                self._stop.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with psycopg.connect(
            self._url, autocommit=True, connect_timeout=5, application_name="leadline-listen"
        ) as connection:
            connection.execute(f"LISTEN {CHANNEL}".encode())
            self._heard()
            while not self._stop.is_set():
                for _ in connection.notifies(timeout=WAIT_SECONDS, stop_after=1):
                    self._heard()
