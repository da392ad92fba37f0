"""Query parameters that nobody knows: a slip of the pen must not widen what was asked for."""

from __future__ import annotations

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from services.api.problems import ProblemError


async def refuse_unknown_parameters(request: Request) -> None:
    """Refuse with 422 what a reading operation does not take; pages and writes bear anything.

    Who posts events may have an address with parameters of its own.
    """
    route = request.scope["route"]
    if not request.scope["query_string"] or not isinstance(route, APIRoute):
        return
    if request.method != "GET" or not route.path_format.startswith("/v1/"):
        return
    known = _query_names(route.dependant)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
        errors = [
            {"path": f"query.{name[:100]}", "message": f"unknown; {takes}"} for name in unknown
        ]
        names = ", ".join(name[:100] for name in unknown[:5])
        raise ProblemError(422, f"unknown query parameter {names}; {takes}", errors=errors[:20])


def _query_names(dependant: Dependant) -> set[str]:
    own = {field.alias for field in dependant.query_params}
    return own.union(*(_query_names(one) for one in dependant.dependencies))
