"""The application: routes, policies, errors and headers, composed once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.openapi.utils import get_openapi

from services.api import problems
from services.api.access import Access, SignIn, require_policies, signed_in
from services.api.answers import Answer
from services.api.context import Context
from services.api.middleware import SafeEdge
from services.api.ports import Intake, RunCommands
from services.api.principal import POLICIES, PUBLIC
from services.api.problems import ProblemError
from services.api.refusals import refused
from services.api.routes import (
    accounts,
    alerts,
    documents,
    events,
    health,
    operations,
    pages,
    runs,
    stream,
)
from services.api.shared_reads import SharedReads
from services.api.stream import StreamHub
from services.api.ui.rendering import Renderer
from services.api.upkeep import Upkeep
from shared.runtime.clock import Clock
from shared.runtime.settings import Settings
from shared.runtime.telemetry import product_version
from shared.store.session import Database

ROUTERS = (events, operations, accounts, alerts, runs, stream, health, documents, pages)
DESCRIPTION = """Churn signals for the key accounts of logistics companies.

Times are RFC 3339 in UTC, money is a decimal string with a currency. Errors are
`application/problem+json`. Lists answer `items` and `next_cursor`; states and lists carry an
`ETag` for `If-None-Match` and, on writes, `If-Match` (stale: 409)."""


def create_app(
    database: Database,
    settings: Settings,
    clock: Clock,
    *,
    intake: Intake | None = None,
    runs: RunCommands | None = None,
) -> FastAPI:
    """Return the app; raise `PolicyMissingError` if a route has no policy."""
    hub = StreamHub(database)
    upkeep = Upkeep(database, clock)
    reads = SharedReads[Answer](database)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        hub.close()
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
        dependencies=[Depends(Access(database, clock, settings.http_host, upkeep))],
    )
    app.state.context = Context(database, settings, clock, hub, Renderer(), reads, intake, runs)
    app.state.hub = hub
    for module in ROUTERS:
        app.include_router(module.router)
    problems.install(app)
    app.add_exception_handler(ProblemError, refused)
    app.add_exception_handler(SignIn, signed_in)
    app.add_middleware(SafeEdge)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # FastAPI's own way
    require_policies(app)
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return the document with its security scheme; made once."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=[{"name": name, "description": said} for name, said in TAGS.items()],
    )
    document["components"]["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key made by `leadline keys create`.",
        }
    }
    for path, item in document["paths"].items():
        for method, operation in item.items():
            policy = POLICIES[method.upper(), path]
            operation["security"] = [] if policy is PUBLIC else [{"token": []}]
            if policy:
                operation["x-roles"] = sorted(policy)
            _as_problems(operation)
    app.openapi_schema = document
    return document


def _as_problems(operation: dict[str, Any]) -> None:
    """Name the media type that errors have."""
    for status, answer in operation["responses"].items():
        if not status.startswith("2") and "application/json" in answer.get("content", {}):
            answer["content"] = {
                problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
            }


TAGS = {
    "events": "Events in.",
    "operations": "How the pipeline is doing.",
    "accounts": "Scores, reasons and events of accounts.",
    "alerts": "Alerts, and what people do on them.",
    "playbooks": "Playbooks and their runs.",
    "stream": "Live changes.",
    "health": "Probes and metrics.",
}
