"""The contract: for programs as OpenAPI, for people as a page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from services.api.answers import encode
from services.api.context import ContextDep

router = APIRouter(include_in_schema=False)
_KEPT = {"Cache-Control": "public, max-age=60"}


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """Return the OpenAPI 3.1 document."""
    return Response(encode(request.app.openapi()), 200, _KEPT, "application/json")


@router.get("/docs")
def docs(request: Request, context: ContextDep) -> Response:
    """Return every operation as a plain page, without scripts or foreign assets."""
    body = context.renderer.render("docs.html", document=request.app.openapi())
    return Response(body, 200, _KEPT, "text/html")
