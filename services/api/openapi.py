"""The OpenAPI document: FastAPI's own, with what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from services.api.principal import POLICIES, PUBLIC
from services.api.problems import MEDIA_TYPE
from shared.domain.event_types import EventType

DESCRIPTION = """Churn signals for the key accounts of logistics companies.

Times are RFC 3339 in UTC, money is a decimal string with a currency. Errors are
`application/problem+json`. Lists answer `items` and `next_cursor`; states and lists carry an
`ETag` for `If-None-Match` and, on writes, `If-Match` (stale: 409)."""
TAGS = {
    "events": "Events in.",
    "operations": "How the pipeline is doing.",
    "accounts": "Scores, reasons and events of accounts.",
    "alerts": "Alerts, and what people do on them.",
    "playbooks": "Playbooks and their runs.",
    "stream": "Live changes.",
    "health": "Probes and metrics.",
}
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key made by `leadline keys create`.",
}
_REF = {"type": "string", "minLength": 1, "maxLength": 256}
_TIME = {"type": "string", "format": "date-time"}
_EVENT = {
    "type": "object",
    "description": "A CloudEvent 1.0; what `data` holds by `type` is in the AsyncAPI document."
    " More attributes are kept and ignored.",
    "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    "properties": {
        "specversion": {"type": "string", "enum": ["1.0"]},
        "id": _REF,
        "source": _REF,
        "type": {"type": "string", "enum": [kind.topic for kind in EventType]},
        "subject": _REF | {"description": "The account's id."},
        "time": _TIME,
        "recordedtime": _TIME | {"description": "When the source knew it."},
        "datacontenttype": {"type": "string", "enum": ["application/json"]},
        "data": {"type": "object", "additionalProperties": True},
    },
    "additionalProperties": True,
}
_KNOWN = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the state that the caller has; 304 if it still holds.",
    "schema": {"type": "string"},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the document; made once."""
    if app.openapi_schema:
        return app.openapi_schema
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=[{"name": name, "description": said} for name, said in TAGS.items()],
    )
    document["components"]["securitySchemes"] = {"token": _TOKEN}
    document["components"]["schemas"]["CloudEvent"] = _EVENT
    for path, item in document["paths"].items():
        for method, operation in item.items():
            policy = POLICIES[method.upper(), path]
            operation["security"] = [] if policy is PUBLIC else [{"token": []}]
            if policy:
                operation["x-roles"] = sorted(policy)
            if "304" in operation["responses"]:
                operation.setdefault("parameters", []).append(_KNOWN)
            _as_problems(operation)
            for parameter in operation.get("parameters", ()):
                _as_given(parameter)
    app.openapi_schema = document
    return document


def operation_id(route: APIRoute) -> str:
    """Return the name that a generated client gives to the call."""
    return route.name


def _as_problems(operation: dict[str, Any]) -> None:
    """Name the one media type that errors have; FastAPI documents them as JSON besides."""
    for status, answer in operation["responses"].items():
        if MEDIA_TYPE in answer.get("content", {}) or status == "422":
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}


def _as_given(parameter: dict[str, Any]) -> None:
    """Let a header that may be absent be no null: it is not sent, or has a value."""
    choices = parameter["schema"].get("anyOf")
    if parameter["in"] == "header" and choices is not None:
        (value,) = (one for one in choices if one != {"type": "null"})
        parameter["schema"] = value | {k: v for k, v in parameter["schema"].items() if k != "anyOf"}
