"""Alerts: list, detail, and what people do on them."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.api.alert_forms import Alert, AlertState
from services.api.answers import (
    Answer,
    conditional,
    require_match,
    respond,
    state_answer,
    unless_known,
)
from services.api.asking_first import AskingFirst
from services.api.bodies import Resolve, Snooze, require_snooze_end
from services.api.commands import (
    Act,
    Repeatable,
    act_on_alert,
    answer_once,
    end_runs,
    lock_alert,
)
from services.api.context import Context, ContextDep, PageDep, PrincipalDep, RepeatDep
from services.api.empty_bodies import NoBody
from services.api.forms import Band, Items
from services.api.matches import IfMatch
from services.api.names import AlertId, Name
from services.api.paging import Page
from services.api.principal import Principal
from services.api.queries.alerts import SHOWN_STATES, AlertFilter, alert_by_id, lasting_page
from services.api.routes.asked_again import AskedAgain
from services.api.routes.documented import acts, reads
from services.api.shared_reads import Lasting
from shared.contracts.outbound import ALERT_TYPES_SAID

router = APIRouter(prefix="/v1/alerts", tags=["alerts"], route_class=AskingFirst)


async def list_alerts(
    request: Request,
    page: PageDep,
    state: Annotated[
        list[AlertState] | None,
        Query(description="Repeatable; default: all but pending and suppressed."),
    ] = None,
    type: Annotated[  # noqa: A002  # the contract's name
        Name, Query(description=ALERT_TYPES_SAID, examples=["churn_risk"])
    ] = None,
    band: Band | None = None,
    kam: Annotated[Name, Query(description="Id of the owner.")] = None,
    account: Annotated[Name, Query(description="Account id.")] = None,
    deferred: Annotated[
        bool | None, Query(description="Listed beyond the owner's weekly budget.")
    ] = None,
) -> Response:
    """Return the alerts of the accounts that the caller may see."""
    states = tuple(state) if state else SHOWN_STATES
    wanted = AlertFilter(states, type, band, kam, account, deferred)
    request.state.again = partial(_listed, wanted, page)
    return await _listed(wanted, page, request)


router.add_api_route(
    "",
    list_alerts,
    methods=["GET"],
    summary="List alerts",
    responses=reads(Items[Alert], 422),
    route_class_override=AskedAgain,
)


async def _listed(wanted: AlertFilter, page: Page, request: Request) -> Response:
    context: Context = request.app.state.context
    principal: Principal = request.state.principal

    def reading(connection: Any) -> Lasting[Answer]:
        now = context.moment(connection)
        found, lasting = lasting_page(connection, principal, wanted, page, now)
        return Lasting(state_answer(found), lasting)

    asked = ("alerts", principal.own_only, wanted, page)
    return unless_known(request, await context.reads.ask(asked, reading))


@router.get("/{alert_id}", summary="Show an alert", responses=reads(Alert, 404, 422))
def show_alert(
    alert_id: AlertId, request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Return one alert with what was done on it."""
    with context.database.read() as connection:
        now = context.moment(connection)
        return conditional(request, alert_by_id(connection, principal, alert_id, now))


@router.post("/{alert_id}/acknowledge", summary="Acknowledge an alert", responses=acts(Alert))
def acknowledge(
    alert_id: AlertId,
    context: ContextDep,
    principal: PrincipalDep,
    repeat: RepeatDep,
    _nothing: NoBody,
    if_match: IfMatch = None,
) -> Response:
    """Take the alert on, which ends a snooze; doing it again changes nothing."""
    return respond(act(context, principal, alert_id, "acknowledge", repeat, if_match))


@router.post("/{alert_id}/snooze", summary="Snooze an alert", responses=acts(Alert, 400))
def snooze(
    alert_id: AlertId,
    body: Snooze,
    context: ContextDep,
    principal: PrincipalDep,
    repeat: RepeatDep,
    if_match: IfMatch = None,
) -> Response:
    """Be quiet about the alert until a time, for a reason."""
    return respond(act(context, principal, alert_id, "snooze", repeat, if_match, body))


@router.post("/{alert_id}/resolve", summary="Resolve an alert", responses=acts(Alert, 400))
def resolve(
    alert_id: AlertId,
    body: Resolve,
    context: ContextDep,
    principal: PrincipalDep,
    repeat: RepeatDep,
    if_match: IfMatch = None,
) -> Response:
    """Close the alert with its outcome."""
    return respond(act(context, principal, alert_id, "resolve", repeat, if_match, body))


def act(
    context: Context,
    principal: Principal,
    alert_id: str,
    kind: str,
    repeat: Repeatable | None = None,
    if_match: str | None = None,
    body: Snooze | Resolve | None = None,
) -> Answer:
    """Do it in one transaction, which is committed before the answer leaves."""

    def work(connection: Any) -> Answer:
        lock_alert(connection, alert_id)
        # Who waited for the machine acts after what it did.
        now = context.moment(connection)
        alert = alert_by_id(connection, principal, alert_id, now)
        require_match(if_match, alert)
        given = body.model_dump() if body is not None else {}
        if isinstance(body, Snooze):
            require_snooze_end(body.until, now)
        act_on_alert(connection, alert, Act(kind, principal.actor, now, **given))
        return state_answer(alert_by_id(connection, principal, alert_id, now))

    answer = answer_once(context.database, repeat, work)
    if kind == "resolve" and context.runs is not None:
        end_runs(context.runs, alert_id)
    return answer
