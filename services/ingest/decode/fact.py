"""What decoding gives: a fact, or a reason from a closed set."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

from msgspec import Struct

from services.ingest.decode.stored import decode_payload
from services.ingest.entity_changes import SeriesKey
from shared.domain.event_types import EventType

Reason = Literal[
    "tombstone",
    "too_large",
    "headers_too_large",
    "not_utf8",
    "not_json",
    "too_deep",
    "bad_envelope",
    "bad_id",
    "unknown_type",
    "unknown_version",
    "topic_mismatch",
    "key_mismatch",
    "missing_field",
    "invalid_field",
    "number_out_of_range",
    "naive_time",
    "future_time",
    "not_storable",  # the database cannot hold it
    "undecodable",  # a defect of ours, not of the record
]

REASONS: frozenset[str] = frozenset(get_args(Reason))

DETAIL_LENGTH = 300


class Fact(Struct, gc=False):
    """An accepted event, with what follows from it alone.

    That is worked out here, not where facts are stored: decoding the next batch goes on while the
    database works, and storing is what everything waits for. It is all that is kept of the payload:
    ten thousand structs of it would push each other out of the processor's cache.
    """

    source: str
    id: str
    type: EventType
    subject: str
    time: int  # microseconds since 1970: when it happened
    recorded: int  # microseconds since 1970: when the source knew it
    data: bytes  # the payload's own JSON, byte for byte
    entity: int  # hash of what it speaks of (`services.ingest.entity`)
    series: SeriesKey | None  # what it changes in an entity of which nothing else is known,
    sums: bytes | None  # packed (`shared.domain.changes.pack_sums`); None where that is nothing

    @property
    def payload(self) -> Any:
        """Return the struct of `shared.contracts.inbound`, read from the bytes again."""
        return decode_payload(self.type, self.data)


class Rejection(NamedTuple):
    """Why a record was not accepted; `detail` names the path and holds at most 300 characters."""

    reason: str
    detail: str


class Refused(Exception):  # noqa: N818  # a verdict on the input, not an error of ours
    """Ends decoding with a reason."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason, self.detail = reason, detail

    def rejection(self) -> Rejection:
        """Return the verdict with a detail that any database and terminal can hold."""
        text = "".join(c if c.isprintable() else "�" for c in self.detail[: DETAIL_LENGTH + 1])
        if len(text) > DETAIL_LENGTH:
            text = text[: DETAIL_LENGTH - 1] + "…"
        return Rejection(self.reason, text)
