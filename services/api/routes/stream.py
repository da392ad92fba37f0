"""Changes as they are published, by Server-Sent Events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from services.api.access import token_of
from services.api.context import ContextDep, PrincipalDep
from services.api.listener import Listener
from services.api.problems import wrong_field
from services.api.routes.documented import errors

router = APIRouter(prefix="/v1", tags=["stream"])


@router.get(
    "/stream",
    summary="Listen to changes",
    responses={
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
        **errors(422),
    },
    response_class=StreamingResponse,
)
async def stream(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
    after: Annotated[int | None, Query(ge=0, lt=2**63, description="As Last-Event-ID.")] = None,
) -> StreamingResponse:
    """Send `signal`, `alert` and `run` events; go on after `Last-Event-ID`, else from now.

    An `id` without data is a beat: one goes on after it, as after an event. The stream ends with
    the key that it was opened with.
    """
    last = after
    if last_event_id:
        if not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
            raise wrong_field("header.Last-Event-ID", "must be the id of an event of this stream")
        last = int(last_event_id)
    # Before the answer begins: whoever has its head hears everything from then on.
    newest = await context.hub.newest()
    # Who heard more than there is had it from a database that a backup has replaced since.
    last = newest if last is None else min(last, newest)

    holds = partial(request.app.state.access.holds, token_of(request)[0], principal)
    listener = Listener(context.hub, holds, principal.own_only)

    async def lines() -> AsyncIterator[bytes]:
        yield b"retry: 2000\n\n"
        # Closed at once when the client goes, not when memory is next tidied up.
        async with aclosing(listener.lines(last)) as sent:
            async for line in sent:
                yield line

    return StreamingResponse(
        lines(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
