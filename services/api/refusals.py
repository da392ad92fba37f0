"""Refusals as people read them on a page; programs get a problem."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request, Response
from sqlalchemy.exc import OperationalError

from services.api.access import GIVEN, token_of
from services.api.addresses import next_of
from services.api.keys import find_principal
from services.api.problems import Handler, ProblemError
from services.api.ui.locales import preferred, words

_PAGES = ("/accounts", "/alerts/", "/playbook-runs/", "/sign-in")
_PROGRAMS = ("/v1/", "/metrics", "/static/")


def shown(handler: Handler) -> Handler:
    """Return the handler whose problems are pages where a page was asked for."""

    def answer(request: Request, error: Exception) -> Response:
        found = handler(request, error)
        if not _is_page(request):
            return found
        headers = {
            name: value
            for name, value in found.headers.items()
            if name not in {"content-type", "content-length"}
        }
        word = error.word if isinstance(error, ProblemError) else None
        body = _page(request, found.status_code, word)
        return Response(body, found.status_code, headers, "text/html")

    return answer


def _is_page(request: Request) -> bool:
    path = request.url.path
    if path == "/" or path.startswith(_PAGES):
        return True
    return "text/html" in request.headers.get("accept", "") and not path.startswith(_PROGRAMS)


def _page(request: Request, status: int, word: str | None) -> bytes:
    language = preferred(request.headers.get("accept-language"))
    if status == HTTPStatus.UNAUTHORIZED:
        return _sign_in(request, language, given=word == GIVEN)
    said = words(language)
    known = status if f"refused_{status}" in said else 400 if status < 500 else 500
    page: bytes = request.app.state.context.renderer.render(
        "error.html",
        language=language,
        title=said[f"refused_{known}"],
        why=said[f"refused_{word or known}_why"],
        signed_in=_signed_in(request),
    )
    return page


def _sign_in(request: Request, language: str, *, given: bool) -> bytes:
    page: bytes = request.app.state.context.renderer.render(
        "sign_in.html", language=language, given=given, left=False, next=next_of(request)
    )
    return page


def _signed_in(request: Request) -> bool | None:
    """Return whether the browser's key holds, also where no operation asked; None: cannot tell."""
    if hasattr(request.state, "principal"):
        return True
    token, context = token_of(request)[0], request.app.state.context
    if not token:
        return False
    try:
        return find_principal(context.database, token, context.clock.now()) is not None
    except OperationalError:
        return None
