"""Accounts: list, detail, timeline, history of the score."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import AwareDatetime

from services.api.answers import conditional
from services.api.context import ContextDep, PageDep, PrincipalDep
from services.api.forms import (
    Account,
    AccountDetail,
    Band,
    Items,
    RiskList,
    SignalItem,
    TimelineItem,
)
from services.api.problems import wrong_field
from services.api.queries.account import account_detail
from services.api.queries.accounts import AccountFilter, AccountSort, account_page
from services.api.queries.timeline import Span, signal_page, timeline_page
from services.api.routes.documented import answers
from shared.domain.event_types import BY_TOPIC, EventType

router = APIRouter(prefix="/v1/accounts", tags=["accounts"])
AccountId = Annotated[str, Path(max_length=256, examples=["ACC-0042"])]
_BY_NOUN = {kind.noun: kind for kind in EventType}


@router.get("", summary="List accounts", responses=answers(Items[Account], 422))
def list_accounts(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    page: PageDep,
    kam: Annotated[str | None, Query(description="Id of the KAM.")] = None,
    band: Band | None = None,
    list: Annotated[RiskList | None, Query(description="The account's list.")] = None,  # noqa: A002  # the contract's name
    sort: Annotated[AccountSort, Query(description="`-` for falling.")] = "id",
    q: Annotated[str | None, Query(max_length=200, description="Part of name or id.")] = None,
) -> Response:
    """Return the accounts that the caller may see, each with its current score."""
    with context.database.read() as connection:
        wanted = AccountFilter(kam, band, list, q, sort)
        return conditional(request, account_page(connection, principal, wanted, page))


@router.get(
    "/{account_id:path}/timeline",
    summary="Show an account's events",
    responses=answers(Items[TimelineItem], 404, 422),
)
def show_timeline(
    account_id: AccountId,
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    page: PageDep,
    start: Annotated[AwareDatetime | None, Query(alias="from", description="At or after.")] = None,
    end: Annotated[AwareDatetime | None, Query(alias="to", description="Before.")] = None,
    type: Annotated[str | None, Query(examples=["booking"])] = None,  # noqa: A002  # the contract's name
) -> Response:
    """Return the account's events, oldest first, each in one sentence."""
    span = Span(start, end, _event_type(type))
    with context.database.read() as connection:
        return conditional(request, timeline_page(connection, principal, account_id, span, page))


@router.get(
    "/{account_id:path}/signals",
    summary="Show the score's history",
    responses=answers(Items[SignalItem], 404, 422),
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


@router.get("/{account_id:path}", summary="Show an account", responses=answers(AccountDetail, 404))
def show_account(
    account_id: AccountId, request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Return the account with its loss curve, reasons and facts."""
    with context.database.read() as connection:
        return conditional(request, account_detail(connection, principal, account_id))


def _event_type(name: str | None) -> EventType | None:
    if name is None:
        return None
    kind = BY_TOPIC.get(name) or _BY_NOUN.get(name)
    if kind is None:
        raise wrong_field("query.type", f"allowed are {', '.join(_BY_NOUN)}")
    return kind
