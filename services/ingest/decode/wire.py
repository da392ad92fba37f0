"""CloudEvents over Kafka, HTTP and files: structured and binary mode to one envelope."""

from __future__ import annotations

import base64
import binascii

import msgspec
from msgspec import UNSET

from services.ingest.decode.fact import Refused
from services.ingest.decode.faults import explain
from services.ingest.decode.limits import check_bytes, check_headers
from services.ingest.decode.payload import CONTROL
from shared.contracts.envelope import STRUCTURED_CONTENT_TYPE, Attributes, Envelope
from shared.contracts.json_faults import json_fault
from shared.contracts.packed_headers import Headers

_USUAL = ("content-type", STRUCTURED_CONTENT_TYPE.encode())  # needs no closer look
_PREFIX = "ce_"
_REQUIRED = {"specversion", "id", "source", "type"}
_CLOUDEVENT = "application/cloudevents"
_decode = msgspec.json.Decoder(Envelope).decode
_whole = msgspec.json.Decoder(msgspec.Raw).decode


def open_record(value: bytes, headers: Headers) -> tuple[Attributes, bytes, bool]:
    """Return attributes, payload bytes and whether these are plain text; raise Refused."""
    plain = check_bytes(value)
    if headers and (len(headers) > 1 or headers[0] != _USUAL):
        check_headers(headers)
        attributes = _binary_attributes(headers)
        if attributes is not None:
            return _from_headers(attributes), value, plain
    envelope = _structured(value)
    if not plain:
        _check_ids(envelope)
    if envelope.data is not UNSET:
        if envelope.data_base64 is not UNSET:
            raise Refused("bad_envelope", "data_base64: there is data beside it")
        return envelope, bytes(envelope.data), plain
    data = _base64_data(envelope)
    return envelope, data, check_bytes(data)


def _structured(value: bytes) -> Envelope:
    try:
        return _decode(value)
    except msgspec.ValidationError as error:
        _check_json(value)  # a broken document is not JSON, whatever else is wrong in it
        raise _envelope_fault(error) from None
    except msgspec.DecodeError as error:
        raise Refused("not_json", json_fault(error, value)) from None


def _check_json(value: bytes) -> None:
    try:
        _whole(value)
    except msgspec.DecodeError as error:
        raise Refused("not_json", json_fault(error, value)) from None


def _envelope_fault(error: msgspec.ValidationError) -> Refused:
    fault = explain(error, "")
    if fault.path in {"id", "source", "subject"} and fault.reason != "missing_field":
        return Refused("bad_id", f"{fault.path}: must be 1 to 256 characters")
    if fault.path in {"time", "recordedtime", "subject"}:
        return fault.refused()
    return Refused("bad_envelope", f"{fault.path}: {fault.what}" if fault.path else fault.what)


def _check_ids(attributes: Attributes) -> None:
    for name in ("id", "source", "subject"):
        if CONTROL.search(getattr(attributes, name)):
            raise Refused("bad_id", f"{name}: holds a control character")


def _base64_data(envelope: Envelope) -> bytes:
    if envelope.data_base64 is UNSET:
        raise Refused("missing_field", "data: is required")
    try:
        return base64.b64decode(envelope.data_base64, validate=True)
    except (binascii.Error, ValueError):
        raise Refused("bad_envelope", "data_base64: is no base64") from None


def _binary_attributes(headers: Headers) -> dict[str, bytes] | None:
    """Return the attributes of binary mode, or None in structured mode."""
    named: dict[str, bytes] = {}
    twice = None
    for name, raw in headers:
        lower = name.lower()
        if lower == "content-type":
            if (raw or b"").lstrip()[:24].lower().startswith(_CLOUDEVENT.encode()):
                _check_format(raw or b"")
                return None
        elif lower.startswith(_PREFIX):
            attribute = lower.removeprefix(_PREFIX)
            twice = lower if attribute in named else twice
            named[attribute] = raw or b""
    if not named.keys() & _REQUIRED:
        return None
    if twice:
        raise Refused("bad_envelope", f"{twice}: came twice")
    return named


def _check_format(content_type: bytes) -> None:
    media = content_type.split(b";")[0].strip().lower()
    if media not in {b"application/cloudevents+json", b"application/cloudevents"}:
        text = media.decode("ascii", "replace")
        raise Refused("bad_envelope", f"content-type: {text} is not read here")


def _from_headers(named: dict[str, bytes]) -> Attributes:
    try:
        values = {name: raw.decode() for name, raw in named.items()}
    except UnicodeDecodeError:
        raise Refused("not_utf8", "a ce_ header is not UTF-8") from None
    try:
        attributes = msgspec.convert(values, Attributes)
    except msgspec.ValidationError as error:
        raise _envelope_fault(error) from None
    _check_ids(attributes)
    return attributes
