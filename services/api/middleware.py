"""Headers on every answer, a limit on every body, and none that is compressed."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.api.problems import problem

MAX_BODY = 8 * 2**20
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PLAIN = {"Accept-Encoding": "identity"}
TOO_LARGE = f"a body may have {MAX_BODY} bytes"


class SafeEdge:
    """Plain ASGI, since it runs on every request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a body that is too large or coded, then add the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BODY:
                raise HTTPException(413, TOO_LARGE)
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        given = Headers(scope=scope)
        coding = given.get("content-encoding", "identity").strip().lower()
        if coding not in {"", "identity"}:
            coded = f"the body is in Content-Encoding {coding[:100]}: send it as it is, without one"
            await problem(415, coded, headers=PLAIN)(scope, receive, with_headers)
            return
        length = given.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            refused = problem(413 if length.isdigit() else 400, TOO_LARGE)
            await refused(scope, receive, with_headers)
            return
        await self._app(scope, limited, with_headers)
