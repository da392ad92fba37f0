"""Changes as they are published, by Server-Sent Events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from services.api.context import ContextDep, PrincipalDep
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
    context: ContextDep,
    principal: PrincipalDep,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
    after: Annotated[int | None, Query(ge=0, description="As Last-Event-ID.")] = None,
) -> StreamingResponse:
    """Send `signal`, `alert` and `run` events; go on after `Last-Event-ID`, else from now."""
    last = after
    if last_event_id:
        if not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
            raise wrong_field("header.Last-Event-ID", "must be the id of an event of this stream")
        last = int(last_event_id)

    async def lines() -> AsyncIterator[bytes]:
        yield b"retry: 2000\n\n"
        async for change in context.hub.listen(last, principal.own_only):
            if change is None:
                yield b": still here\n\n"
            else:
                head = f"id: {change.id}\nevent: {change.kind}\n".encode()
                data = b"".join(b"data: " + line + b"\n" for line in change.body.splitlines())
                yield head + data + b"\n"

    return StreamingResponse(
        lines(),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
