"""What people do from the page: its forms, without a script, by the api's own commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ValidationError

from services.api.answers import encode, etag
from services.api.bodies import CloseRun, Resolve, Snooze, StartRun
from services.api.context import BodyDep, Context, ContextDep, PrincipalDep
from services.api.form_fields import form_fields
from services.api.names import AlertId, RunId, TaskId
from services.api.plays import Play
from services.api.principal import Principal
from services.api.problems import ProblemError, wrong_field
from services.api.queries.alerts import alert_by_id
from services.api.queries.played import play_on
from services.api.queries.runs import run_by_id
from services.api.queries.zones import zone_names
from services.api.routes.account_view import Fault, account_view, back_to, quiet_zone
from services.api.routes.alerts import act
from services.api.routes.rendered import library_of
from services.api.routes.runs import close, complete, start
from services.api.ui.snoozing import snooze_end
from shared.domain.alerts import LIVE_STATES

router = APIRouter(include_in_schema=False)
B = TypeVar("B", bound=BaseModel)
Given = dict[str, str]


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge_form(
    alert_id: AlertId, request: Request, context: ContextDep, principal: PrincipalDep, body: BodyDep
) -> Response:
    """Acknowledge; who did not see that a colleague has snoozed it meanwhile ends no snooze."""
    alert = _alert(context, principal, alert_id)

    def done(given: Given) -> None:
        if given.get("state") == "open" and alert["state"] == "snoozed":
            raise ProblemError(409, "the alert has changed since you read it")
        act(context, principal, alert_id, "acknowledge")

    subject = (alert["account_id"], alert_id, "acknowledge")
    return _tried(context, request, principal, subject, form_fields(body), done)


@router.post("/alerts/{alert_id}/snooze")
def snooze_form(
    alert_id: AlertId, request: Request, context: ContextDep, principal: PrincipalDep, body: BodyDep
) -> Response:
    """Snooze until a chosen end, for a reason."""
    account = _alert(context, principal, alert_id)["account_id"]

    def done(given: Given) -> None:
        with context.database.read() as connection:
            now = context.moment(connection)
            name = zone_names(connection, [account])[account]
        zone = quiet_zone(name, context) or UTC
        try:
            until = snooze_end(given.get("choice", ""), given.get("day", ""), now, zone)
        except ValueError as error:
            raise wrong_field("body.until", str(error)) from error
        asked = _checked(Snooze, until=until.isoformat(), reason=given.get("reason", ""))
        act(context, principal, alert_id, "snooze", None, given.get("version"), asked)

    subject = (account, alert_id, "snooze")
    return _tried(context, request, principal, subject, form_fields(body), done)


@router.post("/alerts/{alert_id}/resolve")
def resolve_form(
    alert_id: AlertId, request: Request, context: ContextDep, principal: PrincipalDep, body: BodyDep
) -> Response:
    """Resolve with an outcome."""
    account = _alert(context, principal, alert_id)["account_id"]

    def done(given: Given) -> None:
        asked = _checked(Resolve, outcome=given.get("outcome"), note=given.get("note") or None)
        act(context, principal, alert_id, "resolve", None, given.get("version"), asked)

    subject = (account, alert_id, "resolve")
    return _tried(context, request, principal, subject, form_fields(body), done)


@router.post("/alerts/{alert_id}/start")
def start_form(
    alert_id: AlertId, request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Start the playbook that nothing begins; once it has begun, this changes nothing."""
    alert = _alert(context, principal, alert_id)

    def done(_given: Given) -> None:
        if alert["state"] not in LIVE_STATES:
            raise ProblemError(409, f"the alert is {alert['state']}: nothing begins for it")
        play = _play(context, principal, alert)
        if play.stage in {"active", "done"}:
            return
        if play.stage != "idle":
            raise ProblemError(409, "its playbook has begun, or waits, since you read it")
        asked = StartRun(playbook=alert["playbook"], account_id=alert["account_id"])
        # Who presses at the same moment starts the same run.
        start(context, principal, asked, f"page:{alert_id}:{alert['version']}")

    subject = (alert["account_id"], alert_id, "start")
    return _tried(context, request, principal, subject, {}, done)


@router.post("/playbook-runs/{run_id}/tasks/{task_id}/complete")
def complete_form(
    run_id: RunId, task_id: TaskId, request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Complete a task."""
    account = _run(context, principal, run_id)["account_id"]

    def done(_given: Given) -> None:
        complete(context, principal, run_id, task_id)

    return _tried(context, request, principal, (account, run_id, "complete_task"), {}, done)


@router.post("/playbook-runs/{run_id}/close")
def close_form(
    run_id: RunId, request: Request, context: ContextDep, principal: PrincipalDep, body: BodyDep
) -> Response:
    """Close a run with an outcome."""
    run = _run(context, principal, run_id)

    def done(given: Given) -> None:
        asked = _checked(CloseRun, outcome=given.get("outcome"), note=given.get("note") or None)
        # The page is in the reader's language, so its run has another tag: its acts are counted.
        if given.get("seen") != str(len(run["history"])):
            raise ProblemError(409, "the run has changed since you read it")
        if asked.outcome not in library_of(context).closes_with(run):
            raise wrong_field("body.outcome", "choose an outcome of the run's playbook")
        close(context, principal, run_id, asked, None, etag(run, encode(run)))

    subject = (run["account_id"], run_id, "close")
    return _tried(context, request, principal, subject, form_fields(body), done)


def _tried(
    context: Context,
    request: Request,
    principal: Principal,
    subject: tuple[str, str, str],
    given: Given,
    done: Callable[[Given], None],
) -> Response:
    """Do it and show the account (account, alert or run, act) again, also with why it was not."""
    account_id, subject_id, kind = subject
    try:
        done(given)
    except ProblemError as error:
        if error.status not in {409, 422}:
            raise
        fault = Fault(subject_id, kind, given, error)
        return account_view(context, request, principal, account_id, fault)
    return back_to(account_id, kind)


def _checked(form: type[B], **fields: Any) -> B:
    """Return the body as the api takes it; refuse it with 422 and its first wrong field."""
    try:
        return form(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        path = ".".join(map(str, ("body", *first["loc"])))
        raise wrong_field(path, first["msg"].removeprefix("Value error, ")) from error


def _alert(context: Context, principal: Principal, alert_id: str) -> dict[str, Any]:
    with context.database.read() as connection:
        return alert_by_id(connection, principal, alert_id, context.moment(connection))


def _play(context: Context, principal: Principal, alert: dict[str, Any]) -> Play:
    with context.database.read() as connection:
        now = context.moment(connection)
        return play_on(connection, principal, alert, now, library_of(context))


def _run(context: Context, principal: Principal, run_id: str) -> dict[str, Any]:
    with context.database.read() as connection:
        return run_by_id(connection, principal, run_id)
