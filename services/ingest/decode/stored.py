"""Payload bytes to their struct."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.contracts.inbound import PAYLOADS
from shared.domain.event_types import EventType

_DECODE = {kind: msgspec.json.Decoder(struct).decode for kind, struct in PAYLOADS.items()}


def decode_payload(kind: EventType, data: bytes) -> Any:
    """Return the struct of stored bytes, which were checked when they were accepted.

    Raises msgspec.ValidationError or msgspec.DecodeError on bytes that never were.
    """
    return _DECODE[kind](data)
