"""How early losses were warned of."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.api.answers import conditional
from services.api.context import ContextDep, PageDep, PrincipalDep
from services.api.moments import Moment, require_order
from services.api.queries.warnings import WarningFilter, warning_performance
from services.api.routes.documented import reads
from services.api.warning_forms import WarningOutcome, WarningPerformance

router = APIRouter(prefix="/v1", tags=["alerts"])


@router.get(
    "/warning-performance", summary="Show how early losses were warned of",
    responses=reads(WarningPerformance, 422),
)  # fmt: skip
def show_warning_performance(
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    page: PageDep,
    start: Annotated[Moment | None, Query(alias="from", description="Obvious at or after.")] = None,
    end: Annotated[Moment | None, Query(alias="to", description="Obvious before.")] = None,
    outcome: Annotated[
        WarningOutcome | None, Query(description="Which items; sums count all.")
    ] = None,
) -> Response:
    """Return the realised warning of every lost or saved account, measured after the fact.

    The warning is the churn-risk alert that was still open when the silence became obvious (last
    booking + the longer of 31 days and three mean gaps). Beside it stand as many alerts drawn by
    chance, and on the accounts that have been silent for the longest time.
    """
    require_order(start, end)
    wanted = WarningFilter(start, end, outcome)
    with context.database.read() as connection:
        return conditional(request, warning_performance(connection, principal, wanted, page))
