"""Uvicorn around the app: on a thread beside other services, or as the process's main work."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import structlog
import uvicorn
from fastapi import FastAPI

from shared.runtime.collector import relax_collector
from shared.runtime.listening import listen, local_url

log = structlog.get_logger(__name__)
DRAIN_SECONDS = 8
START_SECONDS = 15.0


@contextlib.contextmanager
def _no_signals() -> Iterator[None]:
    yield


class ApiServer:
    """Holds its address from the beginning, answers once started; port 0 takes a free one.

    Raises `ListenError` where the address cannot be had.
    """

    def __init__(self, app: FastAPI, host: str, port: int) -> None:
        self._app, self._host = app, host
        self._socket = listen(host, port, "LEADLINE_HTTP_PORT")
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=DRAIN_SECONDS,
                lifespan="on",
            )
        )
        # Signals belong to the process's main thread, and whoever owns that calls `stop`.
        self._server.capture_signals = _no_signals  # type: ignore[method-assign]
        self._thread = threading.Thread(target=self._run, name="api", daemon=True)

    @property
    def url(self) -> str:
        """Return where a browser on this machine finds it."""
        return local_url(self._host, self.port)

    def start(self) -> None:
        """Return once it answers; raise RuntimeError if it does not come up."""
        self._thread.start()
        waited = threading.Event()
        for _ in range(int(START_SECONDS / 0.02)):
            if self._server.started:
                log.info("listening", url=self.url)
                return
            if not self._thread.is_alive():
                break
            waited.wait(0.02)
        raise RuntimeError(f"the api did not start at {self.url}")

    def stop(self) -> None:
        """Finish what is under way, then close."""
        self._app.state.hub.end()
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(DRAIN_SECONDS + 2)
        self._socket.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def serve(
    app: FastAPI,
    host: str,
    port: int,
    stop: threading.Event,
    started: Callable[[str], None] = lambda _url: None,
) -> int:
    """Serve until `stop` is set, telling `started` the URL; return the port that was bound."""
    server = ApiServer(app, host, port)
    server.start()
    relax_collector()
    started(server.url)
    try:
        stop.wait()
    finally:
        server.stop()
    return server.port
