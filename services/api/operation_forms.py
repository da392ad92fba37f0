"""The HTTP forms of intake and operations, as documented."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

EventStatus = Literal["accepted", "duplicate", "conflict", "rejected"]


class IngestStatus(BaseModel):
    """How far intake from Kafka has come; null is not measured."""

    lag_records: int | None
    lag_seconds: float | None
    records_total: int = Field(
        description="Kafka records whose effect is committed; HTTP and imports are none."
    )


class SignalsStatus(BaseModel):
    """How far scoring has come."""

    pending_accounts: int
    watermark: datetime | None = Field(
        description="Event time that whatever comes is expected to follow: on the event clock what"
        " decides, a day of grace deducted; on the wall clock what intake has reached, which"
        " decides nothing. Null while nothing came, or a partition's lag is not known."
    )


class Pending(BaseModel):
    """What waits."""

    pending: int


class Status(BaseModel):
    """How far each stage has come."""

    ingest: IngestStatus
    signals: SignalsStatus
    outbox: Pending
    dead_letters: Pending
    synthetic: bool = Field(description="Made-up data is among the sources.")
    stale_import: datetime | None = Field(
        description="The last booking event, where bookings came by file alone and it is more than"
        " 7 days old: silence since then is the file's end. Null on the event clock."
    )


class Source(BaseModel):
    """One event type from one source."""

    source: str
    type: str
    last_event_at: datetime
    usual_gap_seconds: int | None = Field(description="99 % gap in working time.")
    silent_since: datetime | None
    imported: bool = Field(description="It came by file alone, and is never silent.")


class DeadLetter(BaseModel):
    """A record that could not be accepted; key, value and header values are base64."""

    dead_letter_id: int
    topic: str | None
    partition: int | None
    offset: int | None
    file: str | None = Field(description="Where it stood in a file.", examples=["rows.csv:17"])
    account_id: str | None = Field(description="The event's subject, where that can be read.")
    event_id: str | None = Field(description="The event's `id`, where that can be read.")
    reason: str
    detail: str
    first_seen_at: datetime
    tries: int
    replayed_at: datetime | None
    discarded_at: datetime | None = Field(description="Given up for good; it stays listed.")
    discarded_by: str | None
    discarded_reason: str | None
    key: str | None
    value: str | None
    headers: list[list[str | None]] = Field(description="Names and values; a value may be null.")


class EventResult(BaseModel):
    """What became of one event."""

    id: str | None
    source: str | None
    status: EventStatus
    reason: str | None
    detail: str | None = None


class EventResults(BaseModel):
    """What became of each event, in order."""

    results: list[EventResult]


class Replay(BaseModel):
    """What became of a dead letter."""

    dead_letter_id: int
    status: EventStatus
    reason: str | None
    detail: str | None


class ReplayedDeadLetter(DeadLetter):
    """A dead letter after it was tried again."""

    result: Replay


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Ready(BaseModel):
    """Whether the process can serve; `faults` names what is away."""

    status: Literal["ok", "failing"]
    faults: dict[str, str]
