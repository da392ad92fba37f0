"""The payload of a known type: one typed decoding, and what types cannot say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from services.ingest.decode.choices import with_choices
from services.ingest.decode.fact import Refused
from services.ingest.decode.faults import Fault, explain, regraded
from services.ingest.decode.stored import decode_payload
from shared.contracts.inbound import AccountMaster, Booking
from shared.contracts.json_faults import json_fault
from shared.domain.event_types import EventType

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# These are also kept as a document of values, so every number in them must be one that Python
# and the databases can hold, in fields unknown to us too.
_WHOLE = {EventType.ACCOUNT, EventType.COMPLAINT, EventType.CONTACT_CHANGE}
_REFS = {
    "id", "code", "system", "site", "ref", "phase", "ref_system", "booking_ref", "ticket_ref",
    "contact_ref", "contract_ref", "master_ref", "successor_ref", "retracts", "parent",
    "merged_into",
}  # fmt: skip


def checked_payload(kind: EventType, data: bytes, *, plain: bool) -> Any:
    """Return the struct of bytes from outside; raise Refused with the path of what is wrong.

    `plain` says that no string can hold a control character (`limits.check_bytes`).
    """
    try:
        payload = decode_payload(kind, data)
    except msgspec.ValidationError as error:
        fault = regraded(explain(error, "data"), data)
        raise with_choices(fault, kind).refused() from None
    except msgspec.DecodeError as error:
        raise Refused("not_json", f"data: {json_fault(error, data)}") from None
    try:
        if not plain:
            check_texts(payload, "data")
        if kind in _WHOLE:
            _check_numbers(data)
        if type(payload) is Booking:
            if payload.cargo_ready:
                _check_moment(payload.cargo_ready, "data.cargo_ready")
        elif type(payload) is AccountMaster and payload.effective_from:
            _check_moment(payload.effective_from, "data.effective_from")
    except Fault as fault:
        raise fault.refused() from None
    return payload


def check_texts(value: Any, path: str) -> None:
    """Raise Fault for a text that a database cannot store, or a control character in a ref."""
    for place, name, text in _texts(value, path, ""):
        if "\0" in text or (name in _REFS and CONTROL.search(text)):
            raise Fault("invalid_field", place, "holds a control character")


def _texts(value: Any, path: str, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield (path, field, text) of every typed text."""
    if isinstance(value, str):
        yield path, name, value
    elif isinstance(value, Struct):
        for field in value.__struct_fields__:
            yield from _texts(getattr(value, field), f"{path}.{field}", field)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}[{index}]", name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield f"{path}.{key}", name, key
            yield from _texts(item, f"{path}.{key}", name)


def _check_numbers(data: bytes) -> None:
    try:
        msgspec.json.decode(data)
    except msgspec.ValidationError as error:
        raise explain(error, "data") from None


def _check_moment(text: Any, path: str) -> None:
    try:
        datetime.fromisoformat(text.upper())
    except ValueError:
        raise Fault("invalid_field", path, "is no day of the calendar or no time") from None
