"""The pages for people: what needs attention, and one account."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.api.context import ContextDep, PrincipalDep
from services.api.listing import ORDERS, PERSON, ROWS, SITUATIONS, Listing, unknown_filters
from services.api.names import AccountId, Name
from services.api.paging import Page
from services.api.principal import Principal
from services.api.problems import not_found
from services.api.queries.accounts import account_count, account_page
from services.api.queries.attention import overview
from services.api.queries.imports import stale_import
from services.api.queries.lane_notices import lane_notices
from services.api.queries.sources import has_synthetic
from services.api.queries.stream import last_change_id
from services.api.queries.tallies import BANDS, account_owners, list_cuts
from services.api.queries.zones import zone_names
from services.api.routes.account_view import account_view
from services.api.routes.rendered import language_of, library_of, rendered
from services.api.ui.rendering import static_file
from shared.domain.zones import zone_of

router = APIRouter(include_in_schema=False)
NO_ACCOUNTS: dict[str, Any] = {"accounts": {"items": [], "next_cursor": None}, "found": None}


@router.get("/")
def first_page(request: Request, context: ContextDep, principal: PrincipalDep) -> Response:
    """Show the accounts that need attention, then those that the address asks for."""
    language, listing = language_of(request), Listing.read(request.query_params)
    cursor = request.query_params.get("cursor") or None
    library = library_of(context, language)
    with context.database.read() as connection:
        newest = last_change_id(connection)
        now = context.moment(connection)
        worth = context.rates.at(now)
        found = overview(connection, principal, now, worth, library, language)
        owners = account_owners(connection, principal)
        found["owners"] = [] if principal.own_only is not None else owners
        unknown = unknown_filters(request.query_params)
        found["unknown"] = unknown | _nobodys(listing, principal, owners)
        found |= NO_ACCOUNTS
        if not found["unknown"]:
            wanted, page = listing.filter(found["alerts"]), Page(ROWS, cursor)
            found["accounts"] = account_page(connection, principal, wanted, page, worth)
            if listing.restricts:
                found["found"] = account_count(connection, principal, wanted)
        attention = [one["account_id"] for one in found["attention"]]
        zones = zone_names(connection, attention)
        found["zones"] = {one: zone_of(name) for one, name in zones.items()}
        found["cuts"] = list_cuts(connection)
        found["notices"] = lane_notices(connection, principal)
        found["synthetic"] = has_synthetic(connection)
        found["stale_import"] = stale_import(connection, context.wall)
    return rendered(
        context,
        request,
        "overview.html",
        status=422 if unknown else 200,
        now=now,
        newest=newest,
        data_clock=context.settings.clock == "event",
        operates=principal.operates,
        listing=listing,
        cursor=cursor,
        choices={"bands": BANDS, "situations": SITUATIONS, "orders": tuple(ORDERS)},
        **found,
    )


def _nobodys(
    listing: Listing, principal: Principal, owners: list[dict[str, str]]
) -> dict[str, str]:
    """Return the filter by a KAM who has no account here."""
    ident = listing.owner.removeprefix(PERSON)
    known = {principal.own_only, *(one["id"] for one in owners)}
    asked = listing.owner.startswith(PERSON) and ident not in known
    return {"owner": ident} if asked else {}


@router.get("/accounts")
def show_account_of_query(
    request: Request, context: ContextDep, principal: PrincipalDep, account_id: Name = None
) -> Response:
    """Show one account whose id no path can hold; the list where none is named."""
    if account_id is None:
        return RedirectResponse("/", status_code=303)
    return account_view(context, request, principal, account_id)


@router.get("/accounts/{account_id:path}")
def show_account(
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
