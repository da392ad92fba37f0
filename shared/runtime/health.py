"""The small HTTP server of ingest and signals: `/metrics`, `/livez`, `/readyz`."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, NamedTuple

from shared.runtime.hosts import is_loopback
from shared.runtime.listening import listen
from shared.runtime.telemetry import render_metrics

Check = Callable[[], str | None]
"""Returns None when all is well, else what is wrong."""
Authorize = Callable[[str], str | None]
"""Returns the role of a token; None for one that does not hold."""

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
WATCHERS = frozenset({"admin", "service"})
"""Roles that may read metrics; on loopback everybody may."""


class HealthServer:
    """Serves in a daemon thread until closed; port 0 takes a free one.

    Raises `ListenError` where the address cannot be had.

    Metrics are open on loopback; on any other host they ask for a token, and `authorize` must
    be given. The probes are open everywhere.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        live: Mapping[str, Check],
        ready: Mapping[str, Check],
        refresh: Callable[[], None] | None = None,
        authorize: Authorize | None = None,
    ) -> None:
        if is_loopback(host):
            authorize = None
        elif authorize is None:
            raise ValueError(f"metrics on {host} need a token: pass `authorize`")
        served = _Served(live, {**live, **ready}, refresh, authorize)
        handler = type("Handler", (_Handler,), {"served": served})
        self._server = _Server(listen(host, port, "LEADLINE_METRICS_PORT"), handler)
        self.port: int = self._server.socket.getsockname()[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="health", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    """On a socket that listens already, of either family."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, handler: type[BaseHTTPRequestHandler]) -> None:
        address = listener.getsockname()[:2]
        super().__init__(address, handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener


class _Served(NamedTuple):
    live: Mapping[str, Check]
    ready: Mapping[str, Check]
    refresh: Callable[[], None] | None
    authorize: Authorize | None


class _Handler(BaseHTTPRequestHandler):
    served: ClassVar[_Served]

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._metrics()
        elif path == "/livez":
            self._report(self.served.live)
        elif path == "/readyz":
            self._report(self.served.ready)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_HEAD(self) -> None:
        self.do_GET()  # the answer leaves out the body

    def _metrics(self) -> None:
        if refusal := _refusal(self.headers.get("Authorization"), self.served.authorize):
            self._refuse(refusal)
            return
        if self.served.refresh is not None:
            self.served.refresh()
        self._answer(HTTPStatus.OK, METRICS_TYPE, render_metrics())

    def _report(self, checks: Mapping[str, Check]) -> None:
        faults = {name: fault for name, check in checks.items() if (fault := check())}
        body = json.dumps({"status": "failing" if faults else "ok", "faults": faults})
        status = HTTPStatus.SERVICE_UNAVAILABLE if faults else HTTPStatus.OK
        self._answer(status, "application/json", body.encode())

    def _refuse(self, status: HTTPStatus) -> None:
        body = json.dumps({"type": "about:blank", "title": status.phrase, "status": status})
        self._answer(status, "application/problem+json", body.encode())

    def _answer(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        self.send_response(status)
        if status is HTTPStatus.UNAUTHORIZED:
            self.send_header("WWW-Authenticate", 'Bearer realm="leadline"')
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: probes come every few seconds."""


def _refusal(header: str | None, authorize: Authorize | None) -> HTTPStatus | None:
    """Return why metrics are refused: no token that holds, or too small a role."""
    if authorize is None:
        return None
    scheme, _, token = (header or "").partition(" ")
    role = authorize(token.strip()) if scheme.lower() == "bearer" else None
    if role is None:
        return HTTPStatus.UNAUTHORIZED
    return None if role in WATCHERS else HTTPStatus.FORBIDDEN
