"""HEAD: what GET answers, without the body. Watchers of uptime and balancers ask by it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENDLESS = frozenset({"/v1/stream"})
"""Answers whose end nobody waits for: HEAD is not allowed there."""


class HeadAsGet:
    """Plain ASGI, since routes know of GET alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask the app by GET and leave out the body; the server's own scope stays as it is."""
        if scope.get("method") != "HEAD" or scope["path"] in ENDLESS:
            await self._app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, without_body)
