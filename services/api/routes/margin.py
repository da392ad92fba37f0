"""The margin at risk of all accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.api.answers import conditional
from services.api.context import ContextDep, PrincipalDep
from services.api.money_forms import TotalAtRisk
from services.api.names import Name
from services.api.queries.margin import total_at_risk
from services.api.routes.documented import reads

router = APIRouter(prefix="/v1", tags=["accounts"])


@router.get(
    "/margin-at-risk", summary="Sum up the margin at risk", responses=reads(TotalAtRisk, 422)
)
def show_margin_at_risk(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    kam: Annotated[Name, Query(description="Id of the KAM.")] = None,
) -> Response:
    """Return annual margin x risk over the accounts that the caller may see, lost ones left out.

    Accounts on hold, out of season, whose project ended or whose feed is silent (`explained_by`)
    stand beside the sum, not in it: their risk is no sign of leaving.

    Amounts are converted into the reporting currency by the rates of the latest month. An account
    whose currency has no rate is counted beside the sum, not in it.
    """
    with context.database.read() as connection:
        worth = context.worth(connection)
        return conditional(request, total_at_risk(connection, principal, worth, kam))
