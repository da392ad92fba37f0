"""The application: routes, policies, errors and headers, composed once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache

from fastapi import Depends, FastAPI
from starlette.routing import BaseRoute

from services.api import problems
from services.api.access import Access, SignIn, granted, require_policies, signed_in
from services.api.answers import Answer
from services.api.asking_first import require_asking_first
from services.api.context import Context
from services.api.heads import HeadAsGet
from services.api.middleware import SafeEdge
from services.api.openapi import DESCRIPTION, describe, operation_id
from services.api.parameters import refuse_unknown_parameters
from services.api.ports import Intake, RunCommands
from services.api.queries.usual_gaps import UsualGaps
from services.api.refusals import shown
from services.api.routes import (
    accounts,
    alerts,
    documents,
    events,
    health,
    margin,
    operations,
    page_acts,
    pages,
    runs,
    signing,
    stream,
    warnings,
)
from services.api.shared_reads import SharedReads
from services.api.stream import StreamHub
from services.api.ui.rendering import Renderer
from services.api.upkeep import Upkeep
from shared.runtime.clock import Clock
from shared.runtime.rates import load_rates
from shared.runtime.settings import Settings
from shared.runtime.telemetry import product_version
from shared.store.session import Database

ROUTERS = (
    events,
    operations,
    accounts,
    margin,
    alerts,
    runs,
    warnings,
    stream,
    health,
    documents,
    pages,
    page_acts,
    signing,
)


def create_app(
    database: Database,
    settings: Settings,
    clock: Clock,
    *,
    intake: Intake | None = None,
    runs: RunCommands | None = None,
) -> FastAPI:
    """Return the app.

    Raises `PolicyMissingError` if a route has no policy, `HastyRouteError` if one reads a body
    before it knows whose, `SettingsError` for wrong rates.
    """
    rates = load_rates(settings)
    hub = StreamHub(database)
    upkeep = Upkeep(database, clock)
    reads = SharedReads[Answer](database, clock)
    access = Access(database, clock, settings.http_host, upkeep)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        hub.close()
        await hub.settled()
        await upkeep.settled()
        reads.close()

    app = FastAPI(
        title="Leadline",
        version=product_version(),
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.context = Context(
        database, settings, clock, hub, Renderer(), reads, rates, UsualGaps(), intake, runs
    )
    app.state.hub, app.state.access = hub, access
    app.router.routes.extend(_routes())
    problems.install(app, shown)
    app.add_exception_handler(SignIn, signed_in)
    app.add_middleware(SafeEdge)
    app.add_middleware(HeadAsGet)
    app.openapi = lambda: describe(app)  # type: ignore[method-assign]  # FastAPI's own way
    return app


@cache
def _routes() -> Sequence[BaseRoute]:
    """Return every route, with what is asked before it.

    None knows its app but by the request, so a process that makes many (as tests do) puts them
    together once: that is most of what an app costs, a tenth of a second.
    """
    together = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
        dependencies=[Depends(granted), Depends(refuse_unknown_parameters)],
    )
    for module in ROUTERS:
        together.include_router(module.router)
    require_policies(together)
    require_asking_first(together)
    return together.router.routes
