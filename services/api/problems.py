"""Every error as `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

log = structlog.get_logger(__name__)
MEDIA_TYPE = "application/problem+json"
Handler = Callable[[Request, Exception], Response]


class FieldError(BaseModel):
    """One wrong field of a request."""

    path: str = Field(examples=["query.limit"], description="Where the fault is.")
    message: str = Field(examples=["Input should be less than or equal to 500"])


class Problem(BaseModel):
    """What went wrong, for people and for programs."""

    type: str = Field(examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["1 field is wrong"])
    errors: list[FieldError] = Field(default_factory=list)


class ProblemError(Exception):
    """A request that is refused; carries the answer."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        word: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail
        self.word = word  # under which a page says why, where the status alone does not
        self.errors, self.headers = list(errors), dict(headers or {})


def not_found(what: str, name: object) -> ProblemError:
    """Return the answer to a name that is unknown, or not for this caller."""
    return ProblemError(404, f"there is no {what} {str(name)[:100]!r}")


def wrong_field(path: str, message: str) -> ProblemError:
    """Return the answer to one wrong field."""
    return ProblemError(422, message, errors=[{"path": path, "message": message}])


def problem(
    status: int,
    detail: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return the answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": list(errors),
    }
    return Response(msgspec.json.encode(body), status, dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI, shown: Callable[[Handler], Handler]) -> None:
    """Answer every exception with a problem, as `shown` to who asked for a page."""
    app.add_exception_handler(ProblemError, shown(_refused))
    app.add_exception_handler(HTTPException, shown(_http))
    app.add_exception_handler(RequestValidationError, shown(_invalid))
    app.add_exception_handler(OperationalError, shown(_database_away))
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, shown(_failed))


def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return problem(error.status, error.detail, error.errors, error.headers)


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    detail = error.detail
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"there is nothing at {request.url.path}"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not allowed at {request.url.path}"
        return problem(error.status_code, detail, headers={"Allow": _allowed(request)})
    return problem(error.status_code, detail, headers=error.headers)


def _allowed(request: Request) -> str:
    """Return the methods of a path: Starlette names those of the first route that fits."""
    found = {
        method
        for context in iter_route_contexts(request.app.routes)
        if context.matches(request.scope)[0] is not Match.NONE
        for method in context.methods or ()
    }
    return ", ".join(sorted(found))


def _invalid(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()
    errors = [
        {
            "path": ".".join(map(str, one["loc"])),
            "message": one["msg"].removeprefix("Value error, "),
        }
        for one in found
    ]
    if any(one["type"] == "json_invalid" for one in found):
        return problem(400, "the body is not JSON", errors)
    return problem(
        422, "1 field is wrong" if len(errors) == 1 else f"{len(errors)} fields are wrong", errors
    )


def _database_away(_request: Request, error: Exception) -> Response:
    log.warning("the database did not answer", error=str(error)[:300])
    return problem(503, "the database does not answer; try again", headers={"Retry-After": "2"})


def _gone(_request: Request, _error: Exception) -> Response:
    """Answer whoever left while sending: nothing was done, nobody reads it, no fault to log."""
    return problem(400, "the request ended before its body did")


def _failed(request: Request, error: Exception) -> Response:
    log.error("a request failed", path=request.url.path, error=repr(error)[:500])
    return problem(500, "the fault is ours and has been logged")
