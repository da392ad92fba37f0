"""Events that Leadline publishes, version 1: the forms of its HTTP answers, as CloudEvents.

The bytes of an event follow from its content alone, so a redelivery is byte-identical.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from shared.contracts.values import Time
from shared.domain.alerts import ALERT_TYPES

SOURCE = "/leadline"
SIGNAL = "leadline.signal.v1"
ALERT = "leadline.alert.v1"
PLAYBOOK_TRIGGER = "leadline.playbook_trigger.v1"

Band = Literal["healthy", "watch", "high", "critical"]
RiskList = Literal["going_silent", "active_at_risk"]
ScoreState = Literal["no_data", "insufficient_data", "lost", "scored"]
AlertState = Literal[
    "pending", "open", "acknowledged", "in_progress", "snoozed", "suppressed", "resolved",
    "expired",
]  # fmt: skip

ALERT_TYPES_SAID = f"One of {', '.join(ALERT_TYPES)}; more may come."
SCOPE_SAID = (
    "`kind` is account, lane (with `origin`, `destination`, `mode`), ticket or contact"
    " (with `ref`)."
)


class Owner(Struct, gc=False):
    """A person, or the default owner, who has no name."""

    id: str
    name: str | None = None


class EventId(Struct, gc=False):
    """The identity of an inbound event."""

    source: str
    id: str


class SignalReason(Struct, gc=False):
    """One addend of logit(risk), said as a countable fact."""

    code: str
    contribution: float
    text: str
    event_ids: list[str]


class BandFloor(Struct, gc=False):
    """What lifts the band, never the risk."""

    code: str
    event_ids: list[str]


class Thresholds(Struct, gc=False):
    """Cuts of the account's list, in points of risk_score."""

    watch: float
    high: float
    critical: float


class SignalEvent(Struct, kw_only=True):
    """A score worth telling; risk 0..1, `curve` has 12 values of which the first is the risk."""

    account_id: str
    name: str | None = None
    kam: Owner | None = None
    tier: str | None = None
    state: ScoreState
    risk: float | None
    risk_score: float | None
    band: Band | None
    list: RiskList | None
    early_warning_months: int | None
    coverage: float
    last_booking_at: Time | None
    as_of: Time
    curve: tuple[float, ...] | None
    base: float | None
    reasons: tuple[SignalReason, ...]
    band_floor: BandFloor | None
    thresholds: Thresholds | None
    model_version: str


class AlertReason(Struct, gc=False):
    """Why the alert is open: a fixed code, and the countable fact."""

    code: str
    text: str


class AlertEvent(Struct, kw_only=True):
    """An alert after a change; `version` rises by one with each.

    Acts of one moment are told together, by one event of the last version. The event's `time` is
    `updated_at`.
    """

    alert_id: str
    account_id: str
    type: Annotated[str, Meta(description=ALERT_TYPES_SAID)]
    state: AlertState
    snoozed_until: Annotated[
        Time | None, Meta(description="In state `snoozed`; no event of its own tells its end.")
    ] = None
    deferred: bool = False
    band: Band | None
    risk_score: float | None
    reason: AlertReason
    scope: Annotated[dict[str, Any], Meta(description=SCOPE_SAID)]
    owner: Owner
    playbook: str
    due_at: Time
    opened_at: Time | None
    updated_at: Time
    evidence: list[EventId]
    closed_because: str | None = None  # account_merged or merge_undone, where that ended it
    version: int
    outcome: str | None = None  # once it is resolved: a person's, else the machine's
    note: str | None = None  # of who resolved it


class TaskForm(Struct, kw_only=True):
    """One step of a run."""

    task_id: str
    title: str
    owner: Owner
    due_at: Time
    state: str  # open, completed, or cancelled: not done when the run closed


class PlaybookTriggerEvent(Struct, kw_only=True):
    """A playbook that was started on an account."""

    run_id: str
    playbook: str
    version: int
    account_id: str
    alert_id: str | None
    owner: Owner
    state: str
    started_at: Time
    tasks: list[TaskForm]
    outcome: str | None = None
    note: str | None = None  # of who closed it
    closed_because: str | None = None  # what became of its alert, where that closed it


OutboundData = SignalEvent | AlertEvent | PlaybookTriggerEvent

OUTBOUND_PAYLOADS: dict[str, type[OutboundData]] = {
    SIGNAL: SignalEvent,
    ALERT: AlertEvent,
    PLAYBOOK_TRIGGER: PlaybookTriggerEvent,
}

D = TypeVar("D")


class OutboundEvent(Struct, Generic[D], kw_only=True):
    """A published CloudEvent in structured mode."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: Time
    datacontenttype: Literal["application/json"] = "application/json"
    data: D


_encode = msgspec.json.Encoder(order="deterministic").encode
_DECODERS: dict[str, msgspec.json.Decoder[OutboundEvent[Any]]] = {
    name: msgspec.json.Decoder(OutboundEvent[payload])  # type: ignore[valid-type]  # at run time
    for name, payload in OUTBOUND_PAYLOADS.items()
}


def cloud_event(
    type: str,  # noqa: A002  # CloudEvents names it so
    id: str,  # noqa: A002  # the same
    source: str,
    subject: str,
    time: datetime,
    data: OutboundData | Mapping[str, Any],
) -> bytes:
    """Return the event's bytes in structured mode; the same content gives the same bytes.

    `subject` is the account id. Times inside `data` are to be in UTC already; a naive `time`
    raises ValueError.
    """
    if time.tzinfo is None:
        raise ValueError(f"naive time {time} of {type}")
    return _encode(
        OutboundEvent(
            id=id, source=source, type=type, subject=subject, time=time.astimezone(UTC), data=data
        )
    )


def read_outbound(kind: str, body: bytes) -> OutboundEvent[Any]:
    """Return a published event of a known type, validated; raise msgspec.ValidationError."""
    return _DECODERS[kind].decode(body)
