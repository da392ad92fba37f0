"""Routes that take a typed body: who asks is found out before the body is looked at."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from services.api.access import granted


class HastyRouteError(Exception):
    """A route would read its body before it asks who sent it: the app must not start."""


class AskingFirst(APIRoute):
    """FastAPI parses a typed body before any dependency, so before the app's `granted` too.

    Without this a slip in the body is answered to whoever sent it, in place of 401 or 403.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's own handler, behind the access check."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            await granted(request)
            return await answer(request)

        return handle


def require_asking_first(app: FastAPI) -> None:
    """Raise `HastyRouteError` unless every operation with a typed body asks first who sent it."""
    hasty = [_name(one) for one in iter_route_contexts(app.routes) if _is_hasty(one)]
    if hasty:
        raise HastyRouteError(f"the body is read before the key at {', '.join(hasty)}")


def _is_hasty(context: RouteContext) -> bool:
    typed = getattr(context, "body_field", None) is not None
    return typed and not isinstance(context.original_route, AskingFirst)


def _name(context: RouteContext) -> str:
    methods: Sequence[str] = sorted(context.methods or ())
    return f"{'/'.join(methods)} {context.path_format}"
