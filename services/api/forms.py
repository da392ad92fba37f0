"""The HTTP forms as documented, and request bodies as validated."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.domain.alerts import OUTCOMES, RUN_OUTCOMES

T = TypeVar("T")
Band = Literal["healthy", "watch", "high", "critical"]
RiskList = Literal["going_silent", "active_at_risk"]
AlertState = Literal["pending", "open", "acknowledged", "in_progress", "snoozed", "suppressed",
                     "resolved", "expired"]  # fmt: skip
RunState = Literal["active", "closed"]
AlertOutcome = Literal[OUTCOMES]  # type: ignore[valid-type]  # one list of outcomes, at run time
RunOutcome = Literal[RUN_OUTCOMES]  # type: ignore[valid-type]  # as above
NO_CONTROLS = r"^[^\x00]*$"


class Items(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")


class Person(BaseModel):
    """A KAM or an owner."""

    id: str = Field(examples=["kam-linh"])
    name: str | None = Field(examples=["Nguyen Thuy Linh"])


class Account(BaseModel):
    """An account with its current score; a higher risk is worse."""

    account_id: str = Field(examples=["ACC-0042"])
    name: str | None
    kam: Person | None
    tier: str | None
    risk: float | None = Field(description="P(no booking in the next 3 months), 0..1.")
    risk_score: float | None = Field(description="100 x risk; higher is worse.")
    band: Band | None
    list: RiskList | None
    early_warning_months: int | None
    coverage: float | None
    state: Literal["no_data", "insufficient_data", "lost", "scored"]
    last_booking_at: datetime | None
    as_of: datetime | None


class Reason(BaseModel):
    """One addend of logit(risk), said as a countable fact."""

    code: str
    contribution: float
    text: str
    event_ids: list[str]


class Month(BaseModel):
    """Bookings of one calendar month, UTC."""

    month: str = Field(examples=["2026-03"])
    bookings: int


class Facts(BaseModel):
    """What is known of the account."""

    bookings_total: int
    bookings_by_month: list[Month]
    complaints_open: int
    contacts: list[dict[str, Any]]
    lanes: list[dict[str, Any]]


class AccountDetail(Account):
    """An account in full; base + contributions = logit(risk)."""

    curve: list[float] | None = Field(description="12 numbers, never falling; the first is risk.")
    reasons: list[Reason]
    base: float | None
    band_floor: dict[str, Any] | None
    thresholds: dict[str, float] | None
    model_version: str | None
    facts: Facts


class TimelineItem(BaseModel):
    """One event in a sentence."""

    id: str
    source: str
    type: str = Field(examples=["leadline.booking.v1"])
    time: datetime
    summary: str


class SignalItem(BaseModel):
    """One score worth telling."""

    as_of: datetime
    risk: float | None
    risk_score: float | None
    band: Band | None
    list: RiskList | None
    early_warning_months: int | None
    state: str
    model_version: str


class AlertReason(BaseModel):
    """Why the alert is open."""

    code: str = Field(examples=["churn_risk"])
    text: str


class Alert(BaseModel):
    """An alert; `version` rises by one with each change."""

    alert_id: str
    account_id: str
    type: str = Field(examples=["churn_risk"])
    state: AlertState
    deferred: bool
    band: Band | None
    risk_score: float | None
    reason: AlertReason
    scope: dict[str, Any]
    owner: Person
    playbook: str
    due_at: datetime
    opened_at: datetime | None
    updated_at: datetime
    evidence: list[dict[str, Any]]
    version: int


class Task(BaseModel):
    """One step of a run."""

    task_id: str
    title: str
    owner: Person
    due_at: datetime
    state: Literal["open", "completed"]


class Run(BaseModel):
    """A playbook at work on an account."""

    run_id: str
    playbook: str
    title: str
    version: int
    account_id: str
    alert_id: str | None
    owner: Person
    state: RunState
    started_at: datetime
    tasks: list[Task]
    outcome: str | None


class Source(BaseModel):
    """One event type from one source."""

    source: str
    type: str
    last_event_at: datetime
    usual_gap_seconds: int | None = Field(description="99 % gap in working time.")
    silent_since: datetime | None


class DeadLetter(BaseModel):
    """A record that could not be accepted; key, value and header values are base64."""

    dead_letter_id: int
    topic: str | None
    partition: int | None
    offset: int | None
    reason: str
    detail: str
    first_seen_at: datetime
    tries: int
    replayed_at: datetime | None
    key: str | None
    value: str | None
    headers: list[list[str]]


class EventResult(BaseModel):
    """What became of one event."""

    id: str | None
    source: str | None
    status: Literal["accepted", "duplicate", "conflict", "rejected"]
    reason: str | None
    detail: str | None = None


class EventResults(BaseModel):
    """What became of each event, in order."""

    results: list[EventResult]


class Request(BaseModel):
    """A request body; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


class Snooze(Request):
    """Be quiet until a time, for a reason."""

    until: AwareDatetime = Field(examples=["2026-12-01T08:00:00Z"])
    reason: str = Field(min_length=1, max_length=500, pattern=NO_CONTROLS)


class Resolve(Request):
    """Close the alert with what came of it."""

    outcome: AlertOutcome = Field(examples=["recovered_by_action"])
    note: str | None = Field(default=None, max_length=4000, pattern=NO_CONTROLS)


class StartRun(Request):
    """Start a playbook by hand."""

    playbook: str = Field(min_length=1, max_length=256, pattern=NO_CONTROLS)
    account_id: str = Field(min_length=1, max_length=256, pattern=NO_CONTROLS)


class CloseRun(Request):
    """Close the run with what came of it."""

    outcome: RunOutcome = Field(examples=["completed"])
    note: str | None = Field(default=None, max_length=4000, pattern=NO_CONTROLS)
