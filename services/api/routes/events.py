"""Events in by HTTP, through ingest's own handler."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from services.api.answers import Answer, encode, respond
from services.api.context import BodyDep, Context, ContextDep, RepeatDep
from services.api.operation_forms import EventResults
from services.api.problems import ProblemError
from services.api.routes.documented import errors
from services.api.routes.repeated import once
from shared.contracts.json_faults import with_whole_characters

router = APIRouter(prefix="/v1", tags=["events"])
MAX_EVENTS = 1_000
TYPES = (
    "application/cloudevents+json", "application/cloudevents-batch+json", "application/json",
)  # fmt: skip
EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "7f0c",
    "source": "/tms/hph-1",
    "type": "leadline.booking.v1",
    "subject": "ACC-0042",
    "time": "2026-03-04T09:30:00+07:00",
    "datacontenttype": "application/json",
    "data": {
        "booking_ref": "HPH-88121", "phase": "confirmed", "mode": "sea", "service": "FCL",
        "origin": "VNHPH", "destination": "DEHAM", "teu": 2,
        "revenue": {"amount": "3150.00", "currency": "USD"},
    },
}  # fmt: skip
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_EVENT = {"$ref": "#/components/schemas/CloudEvent"}
# One media type: client generators fail on two whose forms they cannot tell apart at run time.
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": f"One event, or a list of up to {MAX_EVENTS:,}, also as `{TYPES[1]}`.",
        "content": {
            TYPES[0]: {
                "schema": {
                    "anyOf": [_EVENT, {"type": "array", "items": _EVENT, "maxItems": MAX_EVENTS}]
                },
                "examples": {"one": {"value": EXAMPLE}, "many": {"value": [EXAMPLE]}},
            }
        },
    }
}


@router.post(
    "/events",
    summary="Send events",
    status_code=202,
    responses={202: {"model": EventResults}, **errors(400, 413, 415, 422)},
    openapi_extra=_BODY,
)
def post_events(
    request: Request, body: BodyDep, context: ContextDep, repeat: RepeatDep
) -> Response:
    """Take in one CloudEvent or a list of up to 1,000, and say what became of each.

    Each is applied once: the same `source` and `id` again is a `duplicate`. A rejected event is
    kept as a dead letter, and the others are applied: **202 says that all were read, not that all
    were accepted**. Look at each `status`; sending a rejected event again as it is changes nothing.
    """
    kind = request.headers.get("content-type", TYPES[2]).partition(";")[0].strip().lower()
    if kind not in TYPES:
        raise ProblemError(415, f"content types are {', '.join(TYPES)}")
    if "ce-specversion" in request.headers and kind == TYPES[2]:
        raise ProblemError(415, f"send the whole event as JSON ({TYPES[0]}), not in ce- headers")
    intake = context.need_intake()

    def work() -> Answer:
        results = intake.accept(values) if (values := _values(context, body)) else []
        return Answer(encode({"results": results}), 202)

    return respond(once(context, repeat, work))


def _values(context: Context, body: bytes) -> list[bytes]:
    """Return the bytes of each event; a body that is not JSON is kept, and 400."""
    try:
        try:
            values = _events(body, body)
        except msgspec.DecodeError:
            values = _events(body, with_whole_characters(body))
    except RecursionError:
        return [body]  # too deep: ingest says so, and keeps it
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        reason = "not_json" if _is_text(body) else "not_utf8"
        context.need_intake().reject_body(body, reason, str(error)[:300])
        said = f"the body is no JSON, and kept as a dead letter: {error}"
        raise ProblemError(400, said[:300]) from error
    if len(values) > MAX_EVENTS:
        raise ProblemError(413, f"{len(values)} events: at most {MAX_EVENTS} a request")
    return values


def _events(body: bytes, readable: bytes) -> list[bytes]:
    """Return the bytes of each event, found by those of `readable`, which has the same places."""
    if readable.lstrip()[:1] != b"[":
        msgspec.json.decode(readable)
        return [body]
    found, place = [], 0
    for part in map(bytes, _list(readable)):
        place = readable.index(part, place)
        found.append(body[place : place + len(part)])
        place += len(part)
    return found


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
