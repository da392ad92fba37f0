"""Refusals as people read them on a page; programs get a problem."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request, Response

from services.api.access import token_of
from services.api.problems import ProblemError, problem
from services.api.ui.locales import preferred

_PAGES = ("/accounts/", "/alerts/", "/playbook-runs/")


def refused(request: Request, error: Exception) -> Response:
    """Answer a `ProblemError`: with a page where a page was asked for."""
    if not isinstance(error, ProblemError):
        raise error
    path = request.url.path
    if path != "/" and not path.startswith(_PAGES):
        return problem(error.status, error.detail, error.errors, error.headers)
    sign_in = error.status == HTTPStatus.UNAUTHORIZED
    body = request.app.state.context.renderer.render(
        "sign_in.html" if sign_in else "error.html",
        language=preferred(request.headers.get("accept-language")),
        title=HTTPStatus(error.status).phrase,
        detail=error.detail,
        given=bool(request.query_params.get("token") or token_of(request)[0]),
        here=request.method == "GET",
    )
    return Response(body, error.status, error.headers, "text/html")
