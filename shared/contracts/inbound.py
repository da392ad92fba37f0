"""Payloads of the inbound events, version 1.

Required fields are never null. Of an optional field, absent (UNSET) means unchanged and null
clears. Fields not listed here are allowed and ignored.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct

from shared.contracts.currencies import Currency
from shared.contracts.parts import ExternalId, Parties, Person, Sla, TeamMember
from shared.contracts.values import (
    Code,
    Date,
    DateOrTime,
    Maybe,
    Money,
    Name,
    Number,
    Place,
    Ref,
    SignedDecimalText,
    SignedMoney,
    SignedNumber,
    Text,
    Time,
)
from shared.domain.event_types import EventType

Mode = Literal["sea", "air", "road", "rail", "multimodal", "courier"]
BookingPhase = Literal[
    "requested", "confirmed", "amended", "rolled", "declined", "rejected", "cancelled", "completed"
]
ComplaintPhase = Literal["opened", "updated", "responded", "escalated", "solved", "reopened"]
ComplaintCategory = Literal[
    "late", "damage", "loss", "billing", "documents", "service", "price", "space", "customs",
    "temperature", "security", "other",
]  # fmt: skip
ContactFunction = Literal[
    "procurement", "logistics", "operations", "customs", "finance", "warehouse", "quality",
    "executive", "other",
]  # fmt: skip


class AccountMaster(Struct, gc=False, kw_only=True):
    """Master data of an account."""

    name: Name
    kam: Maybe[Person] = UNSET
    team: Maybe[list[TeamMember]] = UNSET
    manager: Maybe[Text | Person] = UNSET
    tier: Maybe[Text | int] = UNSET
    segment: Maybe[Text] = UNSET
    currency: Maybe[Currency] = UNSET
    annual_margin: Maybe[SignedMoney | SignedDecimalText | SignedNumber] = UNSET
    renewal_date: Maybe[Date] = UNSET
    time_zone: Annotated[
        Maybe[Text],
        Meta(
            description="By it what is to be done is due within working time, 08:00 to 17:00."
            " A name as `Asia/Ho_Chi_Minh`; without one, or by an unknown one, in UTC."
        ),
    ] = UNSET
    language: Maybe[Text] = UNSET
    calendar: Annotated[
        Maybe[Text], Meta(description="The country of its holidays: nothing is due on them.")
    ] = UNSET
    parent: Maybe[Ref] = UNSET
    kind: Maybe[Literal["group", "legal_entity", "site", "branch"]] = UNSET
    external_ids: Maybe[list[ExternalId]] = UNSET
    sla: Maybe[Sla] = UNSET
    status: Annotated[
        Maybe[Literal["prospect", "active", "on_hold", "merged", "closed"]],
        Meta(description="Takes back no merge: that is `merged_into: null`."),
    ] = UNSET
    hold_reason: Maybe[Literal["credit", "customer_pause", "legal", "project_end"]] = UNSET
    merged_into: Annotated[
        Maybe[Ref],
        Meta(
            description="The account that this one went into: its facts count there from then on."
            " null takes the merge back; absent leaves it as it is, whatever `status` says."
        ),
    ] = UNSET
    effective_from: Maybe[DateOrTime] = UNSET


class Booking(Struct, gc=False, kw_only=True):
    """A step in the life of one booking."""

    booking_ref: Ref
    phase: BookingPhase
    ref_system: Maybe[Ref] = UNSET
    level: Maybe[Literal["house", "direct", "master"]] = UNSET
    master_ref: Maybe[Ref] = UNSET
    by: Maybe[Literal["customer", "carrier", "us", "unknown"]] = UNSET
    reason: Maybe[Literal["space", "equipment", "price", "documents", "credit", "other"]] = UNSET
    mode: Maybe[Mode] = UNSET
    service: Maybe[Code] = UNSET
    origin: Maybe[Place] = UNSET
    destination: Maybe[Place] = UNSET
    direction: Maybe[Text] = UNSET
    incoterm: Maybe[Text] = UNSET
    freight_terms: Maybe[Text] = UNSET
    nominated_by: Maybe[Literal["shipper", "consignee", "agent", "us"]] = UNSET
    parties: Maybe[Parties] = UNSET
    teu: Maybe[Number] = UNSET
    weight_kg: Maybe[Number] = UNSET
    chargeable_kg: Maybe[Number] = UNSET
    volume_cbm: Maybe[Number] = UNSET
    trips: Maybe[Number] = UNSET
    revenue: Maybe[Money] = UNSET
    margin: Maybe[SignedMoney] = UNSET
    rate_basis: Maybe[Literal["contract", "spot", "tender"]] = UNSET
    nature: Maybe[Literal["recurrent", "project", "trial"]] = UNSET
    contract_ref: Maybe[Ref] = UNSET
    contact_ref: Maybe[Ref] = UNSET
    requested_at: Maybe[Time] = UNSET
    cargo_ready: Maybe[DateOrTime] = UNSET


class Warehouse(Struct, gc=False, kw_only=True):
    """One day of one kind of work at a site: a sign of life of the customer, and volume.

    Reports of one day, site and kind add up; of storage the last one holds. A report whose figures
    are all zero says that there was no work.
    """

    site: Ref
    day: Annotated[Date, Meta(description="The day of the work: it counts on it.")]
    kind: Literal["inbound", "outbound", "storage", "returns"]
    orders: Maybe[Number] = UNSET
    lines: Maybe[Number] = UNSET
    units: Maybe[Number] = UNSET
    pallets: Maybe[Number] = UNSET
    volume_cbm: Maybe[Number] = UNSET
    on_time: Maybe[Number] = UNSET
    errors: Maybe[Number] = UNSET
    committed_pallets: Maybe[Number] = UNSET


class Complaint(Struct, gc=False, kw_only=True):
    """A step in the life of one ticket; severity 1 is the worst."""

    ticket_ref: Ref
    phase: Annotated[
        ComplaintPhase,
        Meta(
            description="`solved` ends a ticket and only `reopened` opens it again; `updated`,"
            " `responded` and `escalated` leave it as it was."
        ),
    ]
    kind: Maybe[Literal["request", "complaint", "claim"]] = UNSET
    severity: Maybe[Literal[1, 2, 3, 4]] = UNSET
    category: Maybe[ComplaintCategory] = UNSET
    cause: Maybe[Literal["us", "carrier", "terminal", "customer", "force_majeure"]] = UNSET
    booking_ref: Maybe[Ref] = UNSET
    ref_system: Maybe[Ref] = UNSET
    contact_ref: Maybe[Ref] = UNSET
    csat: Maybe[Number] = UNSET
    claim_amount: Maybe[Money | Number] = UNSET


class ContactChange(Struct, gc=False, kw_only=True):
    """A change of a person on the customer's side, named by a pseudonym."""

    contact_ref: Ref
    change: Literal["joined", "left", "role_changed", "unreachable", "merged", "erased"]
    function: Maybe[ContactFunction] = UNSET
    influence: Maybe[
        Literal["sponsor", "champion", "decides", "influences", "operates", "blocks"]
    ] = UNSET
    is_primary: Maybe[bool] = UNSET
    no_contact: Maybe[bool] = UNSET
    successor_ref: Maybe[Ref] = UNSET


class Milestone(Struct, gc=False, kw_only=True):
    """A planned, estimated or actual step of a booking's transport; `delay_h` in hours."""

    booking_ref: Ref
    code: Ref
    classifier: Literal["planned", "estimated", "actual"]
    ref_system: Maybe[Ref] = UNSET
    occurred_at: Maybe[Time] = UNSET
    location: Maybe[Text] = UNSET
    reason: Maybe[Text] = UNSET
    delay_h: Maybe[SignedNumber] = UNSET
    retracts: Maybe[Ref] = UNSET


class Short(Struct, gc=False, kw_only=True):
    """A contract, quote, invoice, touchpoint or disruption: stored and shown on the timeline."""

    ref: Ref
    phase: Ref
    ref_system: Maybe[Ref] = UNSET


Payload = AccountMaster | Booking | Warehouse | Complaint | ContactChange | Milestone | Short

PAYLOADS: dict[EventType, type[Payload]] = {
    EventType.ACCOUNT: AccountMaster,
    EventType.BOOKING: Booking,
    EventType.WAREHOUSE: Warehouse,
    EventType.COMPLAINT: Complaint,
    EventType.CONTACT_CHANGE: ContactChange,
    EventType.MILESTONE: Milestone,
    EventType.CONTRACT: Short,
    EventType.QUOTE: Short,
    EventType.INVOICE: Short,
    EventType.TOUCHPOINT: Short,
    EventType.DISRUPTION: Short,
}

_REF_FIELDS: dict[type[Payload], tuple[str, ...]] = {
    AccountMaster: (),
    Booking: ("booking_ref",),
    Warehouse: ("day", "kind", "site"),
    Complaint: ("ticket_ref",),
    ContactChange: ("contact_ref",),
    Milestone: ("booking_ref",),
    Short: ("ref",),
}


def payload_ref(payload: Payload) -> tuple[str | None, str]:
    """Return (ref_system, ref) of what the payload speaks of.

    The system is None where the event does not name it (its source stands in) and the ref is
    empty for an account event, which speaks of its subject. Warehouse work has no reference of its
    own: it is of a day, a kind and a site.
    """
    ref = "/".join(str(getattr(payload, field)) for field in _REF_FIELDS[type(payload)])
    system = getattr(payload, "ref_system", None)
    return (system if isinstance(system, str) else None), ref
