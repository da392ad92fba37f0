"""The CloudEvents 1.0 envelope of everything that comes in."""

from __future__ import annotations

from typing import Literal

from msgspec import UNSET, Raw, Struct, UnsetType

from shared.contracts.values import Ref, Time

STRUCTURED_CONTENT_TYPE = "application/cloudevents+json"
MAX_VALUE_BYTES = 1 << 20  # 1 MiB, which is also the inbound topics' `max.message.bytes`
MAX_HEADER_BYTES = 64 << 10
MAX_DEPTH = 64  # levels of arrays and objects, envelope included


class Attributes(Struct, gc=False, kw_only=True):
    """The attributes that we read; others are allowed and ignored.

    `time` is when it happened, `recordedtime` when the source knew it.
    """

    specversion: Literal["1.0"]
    id: Ref
    source: Ref
    type: str
    subject: Ref
    time: Time
    recordedtime: Time | None = None


class Envelope(Attributes, gc=False, kw_only=True):
    """An event in structured mode: attributes and payload in one JSON object."""

    data: Raw | UnsetType = UNSET
    data_base64: str | UnsetType = UNSET
