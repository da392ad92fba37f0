"""A list whose question is checked once per query string: checking costs more than answering."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from services.api.access import granted

MAX_QUESTIONS, MAX_LENGTH = 1_024, 2_500

Answering = Callable[[Request], Awaitable[Response]]


class AskedAgain(APIRoute):
    """Nothing but the query string and who asks may decide the answer.

    The endpoint leaves in `request.state.again` how to answer the same question; who asks is
    found out, and refused, anew each time.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler, past FastAPI's own where the question is known."""
        check, known = super().get_route_handler(), dict[bytes, Answering]()

        async def handle(request: Request) -> Response:
            question = request.scope["query_string"]
            if (again := known.get(question)) is not None:
                await granted(request)
                return await again(request)
            answer = await check(request)
            if len(question) <= MAX_LENGTH:
                if len(known) >= MAX_QUESTIONS:
                    known.clear()
                known[question] = request.state.again
            return answer

        return handle
