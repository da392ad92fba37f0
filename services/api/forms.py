"""The HTTP forms of accounts and of lists, as documented."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, Field

from services.api.money_forms import Money

T = TypeVar("T")
Band = Literal["healthy", "watch", "high", "critical"]
RiskList = Literal["going_silent", "active_at_risk"]
AccountState = Literal["no_data", "insufficient_data", "lost", "scored"]


class Items(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next_cursor: str | None = Field(description="Give it as `cursor` for the next page.")


class Person(BaseModel):
    """A KAM or an owner."""

    id: str = Field(examples=["kam-linh"])
    name: str | None = Field(examples=["Nguyen Thuy Linh"])


class ExplainedBy(BaseModel):
    """Why the risk is no sign of leaving, so that no churn-risk alert stands."""

    reason: Literal["no_data", "hold", "project_end", "merged", "season"] = Field(
        description="`no_data`: its feed is silent. The first that holds, in this order."
    )
    since: datetime | None = Field(
        description="The feed's last event, or the account event that told of it."
    )


class BandFloor(BaseModel):
    """What lifts the band, never the risk or the curve."""

    code: str = Field(examples=["stakeholder_left"])
    event_ids: list[str]


class Account(BaseModel):
    """An account with its current score; a higher risk is worse."""

    account_id: str = Field(examples=["ACC-0042"])
    name: str | None
    kam: Person | None
    tier: str | None
    risk: float | None = Field(description="P(no booking in the next 3 months), 0..1.")
    risk_score: float | None = Field(description="100 x risk; higher is worse.")
    band: Band | None
    band_floor: BandFloor | None = Field(
        description="Why the band may be higher than the risk alone would have it."
    )
    list: RiskList | None
    early_warning_months: int | None
    coverage: float | None
    state: AccountState = Field(
        description="Read it before the band: a lost account keeps its band, one without data the"
        " band of its last score."
    )
    last_booking_at: datetime | None = Field(
        description="The day of the last booking or request that was not rejected or cancelled,"
        " or of the last warehouse work, whichever is later."
    )
    as_of: datetime | None
    margin_at_risk: Money | None = Field(
        description="Annual margin x risk, in the currency of the margin."
    )
    margin_at_risk_reporting: Money | None = Field(
        description="The same in the reporting currency; null also where there is no rate."
    )
    merge_fault: Literal["unknown_account", "circle", "no_target"] | None = Field(
        description="Why the merge has no effect: the account stays by itself. `no_target`: its"
        " `status` is merged, and no event said into which account."
    )
    explained_by: ExplainedBy | None = Field(
        description="Then the margin at risk is not in `/v1/margin-at-risk`."
    )


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


class Contact(BaseModel):
    """A contact under its pseudonym, as of the latest event about it."""

    contact_ref: str
    change: str | None = Field(examples=["joined"])
    function: str | None
    influence: str | None
    is_primary: bool | None
    no_contact: bool | None
    successor_ref: str | None


class Lane(BaseModel):
    """Bookings between two places."""

    origin: str | None
    destination: str | None
    mode: str | None
    bookings: int
    last_booking_at: datetime


class Facts(BaseModel):
    """What is known of the account."""

    bookings_total: int
    bookings_by_month: list[Month]
    complaints_open: int
    contacts: list[Contact]
    lanes: list[Lane]


class Thresholds(BaseModel):
    """Cuts of the account's list, in points of risk_score."""

    watch: float
    high: float
    critical: float


class AccountDetail(Account):
    """An account in full; base + contributions = logit(risk)."""

    curve: list[float] | None = Field(
        description="12 numbers, never falling; the first is risk.", min_length=12, max_length=12
    )
    merged_into: str | None = Field(
        description="The account that this one went into in the end. An account event with"
        " `merged_into: null` takes the merge back; `status` alone does not."
    )
    stale_import: datetime | None = Field(
        description="The last booking event of its sources, where these came by file alone and it"
        " is more than 7 days old: silence since then is the file's end."
    )
    renewal_date: date | None = Field(
        description="Of its agreement: an alert of the type `renewal` opens 180 and 90 days before."
    )
    reasons: list[Reason]
    base: float | None
    thresholds: Thresholds | None
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
