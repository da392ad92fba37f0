"""The pages for people: what needs attention, and one account."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.api.context import ContextDep, PrincipalDep
from services.api.names import AccountId
from services.api.problems import not_found
from services.api.queries.attention import overview
from services.api.queries.imports import stale_import
from services.api.queries.sources import has_synthetic
from services.api.routes.account_view import account_view, language_of, play_titles, rendered
from services.api.ui.rendering import static_file

router = APIRouter(include_in_schema=False)


@router.get("/")
def first_page(request: Request, context: ContextDep, principal: PrincipalDep) -> Response:
    """Show the accounts that need attention, then all."""
    with context.database.read() as connection:
        now = context.moment(connection)
        worth, language = context.rates.at(now), language_of(request)
        found = overview(connection, principal, now, worth, language)
        found["synthetic"] = has_synthetic(connection)
        found["stale_import"] = stale_import(connection, context.wall)
        found["data_clock"] = context.settings.clock == "event"
    plays = play_titles(context, language)
    return rendered(context, request, "overview.html", now=now, plays=plays, **found)


@router.get("/accounts/{account_id:path}")
def account_page(
    account_id: AccountId, request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Show one account: curve, volume, reasons, alerts and playbooks."""
    return account_view(context, request, principal, account_id)


@router.get("/static/{name}")
def static(name: str) -> Response:
    """Return the style sheet or the icon."""
    found = static_file(name)
    if found is None:
        raise not_found("file", name)
    body, kind = found
    return Response(body, 200, {"Cache-Control": "public, max-age=3600"}, kind)
