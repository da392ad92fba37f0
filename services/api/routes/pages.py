"""The page for people: what needs attention, and one account."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.api.context import Context, ContextDep, PrincipalDep
from services.api.names import AccountId, AlertId, RunId, TaskId
from services.api.paging import Page
from services.api.principal import POLICIES, Principal
from services.api.problems import ProblemError, not_found
from services.api.queries.account import account_detail
from services.api.queries.alert_outcomes import alert_outcomes
from services.api.queries.alerts import AlertFilter, alert_by_id, alert_page
from services.api.queries.attention import overview
from services.api.queries.imports import stale_import
from services.api.queries.runs import RunFilter, run_by_id, run_page
from services.api.queries.sources import has_synthetic
from services.api.routes.alerts import act
from services.api.routes.runs import complete
from services.api.ui.locales import preferred
from services.api.ui.rendering import static_file
from shared.domain.alerts import LIVE_STATES

router = APIRouter(include_in_schema=False)
SHOWN = Page(100)


@router.get("/")
def first_page(request: Request, context: ContextDep, principal: PrincipalDep) -> Response:
    """Show the accounts that need attention, then all."""
    with context.database.read() as connection:
        now = context.moment(connection)
        found = overview(connection, principal, now, context.rates.at(now))
        found["synthetic"] = has_synthetic(connection)
        found["stale_import"] = stale_import(connection, context.wall)
    return _page(context, request, "overview.html", now=now, **found)


@router.get("/accounts/{account_id:path}")
def account_page(
    account_id: AccountId, request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Show one account: curve, volume, reasons, alerts and playbooks."""
    with context.database.read() as connection:
        now = context.moment(connection)
        worth = context.rates.at(now)
        account = account_detail(connection, principal, account_id, worth, context.wall)
        wanted = AlertFilter(account=account_id)
        alerts = alert_page(connection, principal, wanted, SHOWN, now)["items"]
        runs = run_page(connection, principal, RunFilter(account=account_id), SHOWN)["items"]
        past = [one for one in alerts if one["state"] not in LIVE_STATES]
        outcomes = alert_outcomes(connection, [one["alert_id"] for one in past])
        synthetic = has_synthetic(connection)
    live = [one for one in alerts if one["state"] in LIVE_STATES]
    # One play at a time: an alert that has had none yet waits while another's is at work.
    begun = {one["alert_id"] for one in runs}
    busy = any(one["state"] != "closed" for one in runs)
    runs.sort(key=lambda one: one["started_at"], reverse=True)
    return _page(
        context,
        request,
        "account.html",
        account=account,
        alerts=sorted(live, key=lambda one: one["due_at"]),
        past=sorted(past, key=lambda one: one["opened_at"], reverse=True),
        outcomes=outcomes,
        waiting={one["alert_id"] for one in live} - begun if busy else set(),
        now=now,
        runs=[one for one in runs if one["state"] != "closed"],
        past_runs=[one for one in runs if one["state"] == "closed"],
        may_act=_may_act(principal),
        synthetic=synthetic,
    )


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge_form(alert_id: AlertId, context: ContextDep, principal: PrincipalDep) -> Response:
    """Acknowledge from the page, then show the account again."""
    try:
        act(context, principal, alert_id, "acknowledge")
    except ProblemError as error:
        if error.status != 409:  # already ended: the page shows it
            raise
    with context.database.read() as connection:
        alert = alert_by_id(connection, principal, alert_id, context.moment(connection))
    return _back_to(alert["account_id"])


@router.post("/playbook-runs/{run_id}/tasks/{task_id}/complete")
def complete_form(
    run_id: RunId, task_id: TaskId, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Complete a task from the page, then show the account again."""
    complete(context, principal, run_id, task_id)
    with context.database.read() as connection:
        run = run_by_id(connection, principal, run_id)
    return _back_to(run["account_id"])


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Return the style sheet or the icon."""
    found = static_file(name)
    if found is None:
        raise not_found("file", name)
    body, kind = found
    return Response(body, 200, {"Cache-Control": "public, max-age=3600"}, kind)


def _may_act(principal: Principal) -> bool:
    return principal.role in POLICIES["POST", "/alerts/{alert_id}/acknowledge"]


def _back_to(account_id: str) -> Response:
    return RedirectResponse(f"/accounts/{quote(account_id, safe='')}", status_code=303)


def _page(context: Context, request: Request, template: str, **values: Any) -> Response:
    language = preferred(request.headers.get("accept-language"))
    body = context.renderer.render(template, language=language, **values)
    return Response(body, 200, {"Cache-Control": "private, no-store"}, "text/html")
