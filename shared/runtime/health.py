"""The small HTTP server of ingest and signals: `/metrics`, `/livez`, `/readyz`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from shared.runtime.telemetry import render_metrics

Check = Callable[[], str | None]
"""Returns None when all is well, else what is wrong."""

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class HealthServer:
    """Serves in a daemon thread until closed; port 0 takes a free one."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        live: Mapping[str, Check],
        ready: Mapping[str, Check],
        refresh: Callable[[], None] | None = None,
    ) -> None:
        handler = _handler(live=live, ready=ready, refresh=refresh)
        self._server = ThreadingHTTPServer((host, port), handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="health", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(
    *,
    live: Mapping[str, Check],
    ready: Mapping[str, Check],
    refresh: Callable[[], None] | None,
) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                if refresh is not None:
                    refresh()
                self._answer(200, METRICS_TYPE, render_metrics())
            elif path == "/livez":
                self._report(live)
            elif path == "/readyz":
                self._report({**live, **ready})
            else:
                self._answer(404, "application/problem+json", b'{"title":"Not Found","status":404}')

        def _report(self, checks: Mapping[str, Check]) -> None:
            faults = {name: fault for name, check in checks.items() if (fault := check())}
            body = json.dumps({"status": "failing" if faults else "ok", "faults": faults})
            self._answer(503 if faults else 200, "application/json", body.encode())

        def _answer(self, status: int, content_type: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: probes come every few seconds."""

    return Handler
