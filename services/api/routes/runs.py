"""Playbooks and their runs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.api.answers import Answer, conditional, require_match, respond, state_answer
from services.api.asking_first import AskingFirst
from services.api.bodies import CloseRun, StartRun
from services.api.commands import Repeatable
from services.api.context import Context, ContextDep, PageDep, PrincipalDep, RepeatDep
from services.api.empty_bodies import NoBody
from services.api.forms import Items
from services.api.matches import IfMatch
from services.api.names import Name, RunId, TaskId
from services.api.paging import Question, make_cursor, read_cursor
from services.api.principal import Principal
from services.api.problems import ProblemError, not_found, wrong_field
from services.api.queries.runs import RunFilter, run_before, run_by_id, run_page, run_version
from services.api.queries.scope import account_row_id
from services.api.routes.documented import acts, reads
from services.api.routes.repeated import nothing_done, once
from services.api.run_forms import Playbook, Run, RunState
from shared.domain.alerts import OUTCOMES

router = APIRouter(prefix="/v1", tags=["playbooks"], route_class=AskingFirst)
_PLAYBOOKS = Question("playbooks")


@router.get("/playbooks", summary="List playbooks", responses=reads(Items[Playbook], 422))
def list_playbooks(request: Request, context: ContextDep, page: PageDep) -> Response:
    """Return the library, by name."""
    library = sorted(context.need_runs().playbooks(), key=lambda one: str(one["playbook"]))
    after = read_cursor(page.cursor, _PLAYBOOKS, (str,))
    if after is not None:
        library = [one for one in library if str(one["playbook"]) > after[0]]
    kept = library[: page.limit]
    more = len(library) > page.limit
    cursor = make_cursor(_PLAYBOOKS, kept[-1]["playbook"]) if more else None
    return conditional(request, {"items": kept, "next_cursor": cursor})


@router.get("/playbook-runs", summary="List playbook runs", responses=reads(Items[Run], 422))
def list_runs(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    page: PageDep,
    state: RunState | None = None,
    account: Annotated[Name, Query(description="Account id.")] = None,
    kam: Annotated[Name, Query(description="Id of the owner.")] = None,
) -> Response:
    """Return the runs of the accounts that the caller may see."""
    with context.database.read() as connection:
        wanted = RunFilter(state, account, kam)
        return conditional(request, run_page(connection, principal, wanted, page))


@router.get(
    "/playbook-runs/{run_id}", summary="Show a playbook run", responses=reads(Run, 404, 422)
)
def show_run(
    run_id: RunId, request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Return one run with its tasks."""
    return conditional(request, _run(context, principal, run_id))


@router.post(
    "/playbook-runs",
    summary="Start a playbook",
    status_code=201,
    responses=acts(Run, 400, status=201),
)
def start_run(
    body: StartRun, context: ContextDep, principal: PrincipalDep, repeat: RepeatDep
) -> Response:
    """Start a playbook on an account by hand."""
    key = f"{repeat.actor}:{repeat.key}" if repeat else str(uuid.uuid4())
    return respond(start(context, principal, body, key, repeat))


@router.post(
    "/playbook-runs/{run_id}/tasks/{task_id}/complete",
    summary="Complete a task",
    responses=acts(Run),
)
def complete_task(
    run_id: RunId,
    task_id: TaskId,
    context: ContextDep,
    principal: PrincipalDep,
    repeat: RepeatDep,
    _nothing: NoBody,
    if_match: IfMatch = None,
) -> Response:
    """Mark a task as done; doing it again changes nothing."""
    return respond(complete(context, principal, run_id, task_id, repeat, if_match))


@router.post(
    "/playbook-runs/{run_id}/close",
    summary="Close a playbook run",
    responses=acts(Run, 400),
)
def close_run(
    run_id: RunId,
    body: CloseRun,
    context: ContextDep,
    principal: PrincipalDep,
    repeat: RepeatDep,
    if_match: IfMatch = None,
) -> Response:
    """Close the run with its outcome."""
    return respond(close(context, principal, run_id, body, repeat, if_match))


def start(
    context: Context,
    principal: Principal,
    body: StartRun,
    key: str,
    repeat: Repeatable | None = None,
) -> Answer:
    """Start a run through signals' command; the same key gives the same run."""
    runs = context.need_runs()

    def work() -> Answer:
        with context.database.read() as connection:
            account_row_id(connection, principal, body.account_id)
        if all(one["playbook"] != body.playbook for one in runs.playbooks()):
            raise wrong_field("body.playbook", f"there is no playbook {body.playbook!r}")
        run_id = runs.start_run(body.playbook, body.account_id, actor=principal.actor, key=key)
        return state_answer(_run(context, principal, run_id), 201)

    return _once(context, repeat, work)


def complete(
    context: Context,
    principal: Principal,
    run_id: str,
    task_id: str,
    repeat: Repeatable | None = None,
    if_match: str | None = None,
) -> Answer:
    """Complete a task through signals' command."""
    runs = context.need_runs()

    def work() -> Answer:
        run, expected = _matched(context, principal, run_id, if_match)
        if all(task["task_id"] != task_id for task in run["tasks"]):
            raise not_found("task", task_id)
        runs.complete_task(run_id, task_id, actor=principal.actor, expected=expected)
        return state_answer(_run(context, principal, run_id))

    act = {"kind": "complete_task", "task_id": task_id, "actor": principal.actor}
    return _once(context, repeat, work, partial(_done, context, principal, run_id, if_match, act))


def close(
    context: Context,
    principal: Principal,
    run_id: str,
    body: CloseRun,
    repeat: Repeatable | None = None,
    if_match: str | None = None,
) -> Answer:
    """Close a run through signals' command."""
    runs = context.need_runs()

    def work() -> Answer:
        run, expected = _matched(context, principal, run_id, if_match)
        if run["alert_id"] is not None and body.outcome not in OUTCOMES:
            raise wrong_field(
                "body.outcome", f"a run with an alert closes with one of {', '.join(OUTCOMES)}"
            )
        runs.close_run(run_id, body.outcome, body.note, actor=principal.actor, expected=expected)
        return state_answer(_run(context, principal, run_id))

    act = {"kind": "close", **body.model_dump(), "actor": principal.actor}
    return _once(context, repeat, work, partial(_done, context, principal, run_id, if_match, act))


def _once(
    context: Context,
    repeat: Repeatable | None,
    work: Callable[[], Answer],
    done: Callable[[], Answer | None] = nothing_done,
) -> Answer:
    """Run a command once; what it refuses is a problem."""

    def tried() -> Answer:
        try:
            return work()
        except LookupError as error:
            raise ProblemError(404, str(error)[:300]) from error
        except ValueError as error:
            raise ProblemError(409, str(error)[:300]) from error

    return once(context, repeat, tried, done)


def _done(
    context: Context,
    principal: Principal,
    run_id: str,
    if_match: str | None,
    act: Mapping[str, Any],
) -> Answer | None:
    """Return the run where this act was done on the state that the caller named."""
    with context.database.read() as connection:
        found = run_before(connection, principal, run_id, act)
    if found is None:
        return None
    try:
        require_match(if_match, found)
    except ProblemError:
        return None
    return state_answer(_run(context, principal, run_id))


def _matched(
    context: Context, principal: Principal, run_id: str, if_match: str | None
) -> tuple[dict[str, Any], int | None]:
    """Return the run, and the version that the command must find where the caller named one."""
    with context.database.read() as connection:
        version = run_version(connection, run_id)
        run = run_by_id(connection, principal, run_id)
    require_match(if_match, run)
    return run, None if if_match is None else version


def _run(context: Context, principal: Principal, run_id: str) -> dict[str, Any]:
    with context.database.read() as connection:
        return run_by_id(connection, principal, run_id)
