"""Status, sources and dead letters."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from services.api.answers import Answer, conditional, respond, state_answer
from services.api.asking_first import AskingFirst
from services.api.bodies import Discard
from services.api.context import Context, ContextDep, PageDep, PrincipalDep, RepeatDep
from services.api.empty_bodies import NoBody
from services.api.forms import Items
from services.api.names import Name
from services.api.operation_forms import DeadLetter, ReplayedDeadLetter, Source, Status
from services.api.problems import ProblemError, not_found
from services.api.queries.dead_letters import dead_letter_by_id, dead_letter_page
from services.api.queries.sources import source_page
from services.api.queries.status import status
from services.api.routes.documented import acts, reads
from services.api.routes.repeated import once

router = APIRouter(prefix="/v1", tags=["operations"], route_class=AskingFirst)
DeadLetterId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/status", summary="Show the status", responses=reads(Status, 422))
def show_status(request: Request, context: ContextDep) -> Response:
    """Return how far each stage has come; nulls are not measured."""
    with context.database.read() as connection:
        found = status(connection, context.clock.now(), context.settings.clock)
    return conditional(request, found)


@router.get("/sources", summary="List sources", responses=reads(Items[Source], 422))
def list_sources(request: Request, context: ContextDep, page: PageDep) -> Response:
    """Return every feed: one event type from one source."""
    with context.database.read() as connection:
        now = context.moment(connection)
        found = source_page(connection, page, now, context.settings.clock, context.gaps)
    return conditional(request, found)


@router.get("/dead-letters", summary="List dead letters", responses=reads(Items[DeadLetter], 422))
def list_dead_letters(
    request: Request,
    context: ContextDep,
    page: PageDep,
    reason: Annotated[Name, Query(examples=["not_json"])] = None,
    pending: Annotated[
        bool | None, Query(description="Neither accepted by a replay yet nor discarded.")
    ] = None,
) -> Response:
    """Return what could not be accepted, in order of arrival; large ones end a page early."""
    with context.database.read() as connection:
        found = dead_letter_page(connection, page, reason=reason, pending=pending)
    return conditional(request, found)


@router.get(
    "/dead-letters/{dead_letter_id}", summary="Show a dead letter",
    responses=reads(DeadLetter, 404, 422),
)  # fmt: skip
def show_dead_letter(
    dead_letter_id: DeadLetterId, request: Request, context: ContextDep
) -> Response:
    """Return one dead letter whole, as base64."""
    return conditional(request, _letter(context, dead_letter_id))


@router.post(
    "/dead-letters/{dead_letter_id}/replay", summary="Replay a dead letter",
    responses=acts(ReplayedDeadLetter),
)  # fmt: skip
def replay_dead_letter(
    dead_letter_id: DeadLetterId, context: ContextDep, repeat: RepeatDep, _nothing: NoBody
) -> Response:
    """Try it again, after a fix of code or mapping; replaying twice changes nothing."""
    intake = context.need_intake()

    def work() -> Answer:
        replayed = intake.replay(dead_letter_id)
        if replayed is None:
            raise not_found("dead letter", dead_letter_id)
        return state_answer({**_letter(context, dead_letter_id), "result": replayed})

    return respond(once(context, repeat, work))


@router.post(
    "/dead-letters/{dead_letter_id}/discard", summary="Discard a dead letter",
    responses=acts(DeadLetter, 400),
)  # fmt: skip
def discard_dead_letter(
    dead_letter_id: DeadLetterId,
    body: Discard,
    context: ContextDep,
    principal: PrincipalDep,
    repeat: RepeatDep,
) -> Response:
    """Give up what will never be accepted: it stays listed and waits no more; again is the same."""
    intake = context.need_intake()

    def work() -> Answer:
        try:
            intake.discard(dead_letter_id, body.reason, actor=principal.actor)
        except LookupError as error:
            raise not_found("dead letter", dead_letter_id) from error
        except ValueError as error:
            raise ProblemError(409, str(error)) from error
        return state_answer(_letter(context, dead_letter_id))

    return respond(once(context, repeat, work))


def _letter(context: Context, dead_letter_id: int) -> dict[str, Any]:
    with context.database.read() as connection:
        return dead_letter_by_id(connection, dead_letter_id)
