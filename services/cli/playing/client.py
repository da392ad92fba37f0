"""A small client of our own api, for the demo's proof and for waiting."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

PAGE = 500
TIMEOUT_SECONDS = 30


class ApiError(Exception):
    """The api refused, or did not answer."""


class ApiClient:
    """GET with a token; follows pages."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def get(self, path: str, **query: object) -> Any:
        """Return the JSON answer of a GET; raises `ApiError`."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            target = path + ("?" + urlencode(query) if query else "")
            connection.request("GET", target, headers=self._headers)
            answer = connection.getresponse()
            body = answer.read()
        except OSError as error:
            raise ApiError(f"GET {path}: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise ApiError(f"GET {path}: {answer.status} {body[:200].decode(errors='replace')}")
        return json.loads(body)

    def items(self, path: str, **query: object) -> Iterator[Any]:
        """Yield every item of a list, page after page."""
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = self.get(path, limit=PAGE, **query, **more)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return
