"""The answers that the OpenAPI document lists, with their headers."""

from __future__ import annotations

from typing import Any

from services.api.problems import MEDIA_TYPE, Problem

Answers = dict[int | str, dict[str, Any]]

_SAID = {
    304: "The caller has it already.",
    400: "The body is not JSON.",
    401: "No token, or none that holds.",
    403: "The role is too small.",
    404: "Unknown, or another KAM's.",
    409: "The state has changed, or refuses this.",
    413: "Too large.",
    415: "Another content type is needed, or a body without `Content-Encoding`.",
    422: "A field is wrong.",
    503: "Not available in this process, or the database is away.",
}
_TEXT = {"type": "string"}
ETAG = {"ETag": {"description": "Tag of this state.", "required": True, "schema": _TEXT}}
_REPLAYED = {
    "Idempotency-Replayed": {
        "description": "The answer is the one given before under this key.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "Bearer.", "required": True, "schema": _TEXT}},
    503: {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}},
}


def errors(*statuses: int) -> Answers:
    """Return the documentation of error answers; 401, 403 and 503 are always among them."""
    return {
        status: {
            "model": Problem,
            "description": _SAID[status],
            "content": {MEDIA_TYPE: {}},
            "headers": _HEADERS.get(status, {}),
        }
        for status in sorted({401, 403, 503, *statuses})
    }


def reads(model: Any, *statuses: int) -> Answers:
    """Return the documentation of a state or list, which callers may have already."""
    known = {"description": _SAID[304], "headers": ETAG}
    return {200: {"model": model, "headers": ETAG}, 304: known, **errors(*statuses)}


def acts(model: Any, *statuses: int, status: int = 200) -> Answers:
    """Return the documentation of a change of state; its key may be wrong, its state refuse it."""
    done = {"model": model, "headers": ETAG | _REPLAYED}
    return {status: done, **errors(404, 409, 413, 415, 422, *statuses)}
