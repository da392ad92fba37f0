"""Accounts: list, detail, timeline, history of the score."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from services.api.answers import conditional
from services.api.context import ContextDep, PageDep, PrincipalDep
from services.api.forms import (
    Account,
    AccountDetail,
    AccountState,
    Band,
    Items,
    RiskList,
    SignalItem,
    TimelineItem,
)
from services.api.moments import Moment, require_order
from services.api.names import NO_NUL, AccountId, Name
from services.api.queries.account import account_detail
from services.api.queries.accounts import AccountFilter, AccountSort, account_page
from services.api.queries.timeline import Span, signal_page, timeline_page
from services.api.routes.documented import reads
from shared.domain.event_types import BY_TOPIC, EventType

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
_BY_NAME = {kind.noun: kind for kind in EventType} | BY_TOPIC
_NAMES = tuple(_BY_NAME)
EventName = Literal[_NAMES]  # type: ignore[valid-type]  # one list of types, at run time


@router.get("", summary="List accounts", responses=reads(Items[Account], 422))
def list_accounts(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    page: PageDep,
    kam: Annotated[Name, Query(description="Id of the KAM.")] = None,
    band: Band | None = None,
    list: Annotated[RiskList | None, Query(description="The account's list.")] = None,  # noqa: A002  # the contract's name
    state: Annotated[
        AccountState | None, Query(description="`scored`: those who can still be kept.")
    ] = None,
    sort: Annotated[AccountSort, Query(description="`-` for falling.")] = "id",
    q: Annotated[
        str | None, Query(max_length=200, pattern=NO_NUL, description="Part of name or id.")
    ] = None,
) -> Response:
    """Return the accounts that the caller may see, each with its current score."""
    with context.database.read() as connection:
        wanted = AccountFilter(kam, band, list, state, q, sort)
        return conditional(
            request, account_page(connection, principal, wanted, page, context.worth(connection))
        )


@router.get(
    "/{account_id:path}/timeline",
    summary="Show an account's events",
    responses=reads(Items[TimelineItem], 404, 422),
)
def show_timeline(
    account_id: AccountId,
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    page: PageDep,
    start: Annotated[Moment | None, Query(alias="from", description="At or after.")] = None,
    end: Annotated[Moment | None, Query(alias="to", description="Before.")] = None,
    type: Annotated[EventName | None, Query(examples=["booking"])] = None,  # noqa: A002  # the contract's name
) -> Response:
    """Return the account's events, oldest first, each in one sentence."""
    require_order(start, end)
    span = Span(start, end, None if type is None else _BY_NAME[type])
    with context.database.read() as connection:
        return conditional(request, timeline_page(connection, principal, account_id, span, page))


@router.get(
    "/{account_id:path}/signals",
    summary="Show the score's history",
    responses=reads(Items[SignalItem], 404, 422),
)
def show_signals(
    account_id: AccountId,
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    page: PageDep,
) -> Response:
    """Return the scores worth telling, oldest first."""
    with context.database.read() as connection:
        return conditional(request, signal_page(connection, principal, account_id, page))


@router.get(
    "/{account_id:path}", summary="Show an account", responses=reads(AccountDetail, 404, 422)
)
def show_account(
    account_id: AccountId, request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Return the account with its loss curve, reasons and facts."""
    with context.database.read() as connection:
        worth = context.worth(connection)
        found = account_detail(connection, principal, account_id, worth, context.wall)
    return conditional(request, found)
