"""Answers as bytes with an entity tag, without a second validation on the way out."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
from fastapi import Request, Response

from services.api.problems import ProblemError

encode = msgspec.json.Encoder().encode
PERSONAL = {"Cache-Control": "private, no-store"}


class Answer(NamedTuple):
    """Body, status and headers: what is sent, and what is kept for a repetition."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = {}


def etag(value: Mapping[str, Any], body: bytes) -> str:
    """Return the strong tag of a representation; it begins with the version where there is one."""
    digest = blake2b(body, digest_size=12).hexdigest()
    # A run's `version` is its playbook's and says nothing of the run's own state.
    version = value.get("version") if "run_id" not in value else None
    return f'"{digest}"' if version is None else f'"{version}-{digest}"'


def state_answer(value: Mapping[str, Any], status: int = 200) -> Answer:
    """Return a single state with its tag."""
    body = encode(value)
    return Answer(body, status, {"ETag": etag(value, body)})


def respond(answer: Answer) -> Response:
    """Return the HTTP answer."""
    return Response(answer.body, answer.status, {**PERSONAL, **answer.headers}, "application/json")


def conditional(request: Request, value: Mapping[str, Any]) -> Response:
    """Return a state or list; 304 when the caller has it already."""
    return unless_known(request, state_answer(value))


def unless_known(request: Request, answer: Answer) -> Response:
    """Return the answer; 304 when the caller has it already."""
    given = request.headers.get("if-none-match")
    if given is not None and _matches(given, answer.headers["ETag"], version=None):
        return Response(status_code=304, headers={**PERSONAL, **answer.headers})
    return respond(answer)


def require_match(given: str | None, value: Mapping[str, Any]) -> None:
    """Refuse with 409 when the caller acts on a state that has changed.

    `If-Match` takes the tag of the state, or its bare version.
    """
    if given is None:
        return
    current = etag(value, encode(value))
    version = value.get("version") if "run_id" not in value else None
    if version is None and given.strip().isdigit():
        raise ProblemError(409, "a run is matched by its ETag: its version is its playbook's")
    if not _matches(given, current, version=version):
        now = (
            "" if version is None else f": it is {value.get('state', '')} by now, version {version}"
        )
        raise ProblemError(
            409,
            f"the state has changed since you read it{now}; read it again and decide anew",
            headers={"ETag": current},
        )


def _matches(given: str, current: str, *, version: object) -> bool:
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    accepted = {"*", current}
    if version is not None:
        accepted |= {str(version), f'"{version}"'}
    return bool(tags & accepted)
