"""The error answers that the OpenAPI document lists."""

from __future__ import annotations

from typing import Any

from services.api.problems import MEDIA_TYPE, Problem

_SAID = {
    400: "The body is not JSON.",
    401: "No token, or none that holds.",
    403: "The role is too small.",
    404: "Unknown, or another KAM's.",
    409: "The state has changed, or refuses this.",
    413: "Too large.",
    415: "Another content type is needed.",
    422: "A field is wrong.",
    503: "Not available in this process, or the database is away.",
}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of error answers; 401 and 403 are always among them."""
    return {
        status: {"model": Problem, "description": _SAID[status], "content": {MEDIA_TYPE: {}}}
        for status in sorted({401, 403, *statuses})
    }


def answers(model: Any, *statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of the answer, and of the errors."""
    return {200: {"model": model}, **errors(*statuses)}
