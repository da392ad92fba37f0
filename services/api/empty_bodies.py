"""Calls that take no body: what is sent with one would be lost without a word."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import Depends

from services.api.context import BodyDep
from services.api.problems import ProblemError, wrong_field

_NOTHING = (b"", b"{}", b"null")


async def refuse_body(body: BodyDep) -> None:
    """Refuse with 422 a body with something in it, naming its fields."""
    if body.strip() in _NOTHING:
        return
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        given = None
    if not isinstance(given, dict) or not given:
        raise wrong_field("body", "this call takes no body")
    names = [name[:100] for name in sorted(given)[:20]]
    errors = [{"path": f"body.{name}", "message": "unknown; it takes no body"} for name in names]
    raise ProblemError(
        422, f"unknown field {', '.join(names[:5])}: it takes no body", errors=errors
    )


NoBody = Annotated[None, Depends(refuse_body)]
