"""Which event of which account a dead letter was meant to be, as far as it can be read."""

from __future__ import annotations

import base64
import binascii
from typing import Any, NamedTuple

import msgspec

from shared.contracts.packed_headers import Packed


class LetterIds(NamedTuple):
    """None where the letter has no such text."""

    account_id: str | None
    event_id: str | None


def ids_of(value: bytes | None, headers: Packed) -> LetterIds:
    """Return the ids in an envelope, else those in the headers of binary mode."""
    envelope = _envelope(value)
    binary = {str(name).lower(): value for name, value in headers}
    return LetterIds(
        _text(envelope.get("subject")) or _unpacked(binary.get("ce_subject")),
        _text(envelope.get("id")) or _unpacked(binary.get("ce_id")),
    )


def _envelope(value: bytes | None) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(value or b"null")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _text(given: Any) -> str | None:
    return given if isinstance(given, str) and given else None


def _unpacked(packed: str | None) -> str | None:
    try:
        return base64.b64decode(packed or "").decode("utf-8", "replace") or None
    except binascii.Error:
        return None
