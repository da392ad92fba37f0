"""Query parameters that nobody knows, or that came twice: a slip must not change what was asked."""

from __future__ import annotations

from collections import Counter
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from services.api.problems import ProblemError


async def refuse_unknown_parameters(request: Request) -> None:
    """Refuse with 422 what an operation of `/v1` does not take; pages bear anything.

    Of a parameter for one value that came twice the last would count, without a word. A write that
    bore one would pass over what was meant by it (`?dry_run=1`).
    """
    route = request.scope["route"]
    if not request.scope["query_string"] or not isinstance(route, APIRoute):
        return
    if not route.path_format.startswith("/v1/"):
        return
    fields = _query_fields(route.dependant)
    known = set(fields)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
        errors = [
            {"path": f"query.{name[:100]}", "message": f"unknown; {takes}"} for name in unknown
        ]
        names = ", ".join(name[:100] for name in unknown[:5])
        raise ProblemError(422, f"unknown query parameter {names}; {takes}", errors=errors[:20])
    counted = Counter(name for name, _ in request.query_params.multi_items())
    twice = [name for name, lists in sorted(fields.items()) if counted[name] > 1 and not lists]
    if twice:
        errors = [{"path": f"query.{name}", "message": "came more than once"} for name in twice]
        raise ProblemError(
            422, f"query parameter {', '.join(twice)} came more than once", errors=errors
        )


def _query_fields(dependant: Dependant) -> dict[str, bool]:
    """Return the names of what is taken, and whether each takes several values."""
    own = {field.alias: _is_list(field.field_info.annotation) for field in dependant.query_params}
    for one in dependant.dependencies:
        own |= _query_fields(one)
    return own


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(map(_is_list, get_args(annotation)))
