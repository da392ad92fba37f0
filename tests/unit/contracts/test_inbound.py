"""Inbound payloads: references, money, and what each type insists on."""

from decimal import Decimal

import msgspec
import pytest

from shared.contracts.inbound import PAYLOADS, Booking, payload_ref
from shared.contracts.values import Money, SignedMoney
from shared.domain.event_types import EventType

MINIMAL = {
    EventType.ACCOUNT: {"name": "Sơn Trà"},
    EventType.BOOKING: {"booking_ref": "B-1", "phase": "confirmed"},
    EventType.WAREHOUSE: {"site": "DC1", "day": "2026-03-04", "kind": "storage"},
    EventType.COMPLAINT: {"ticket_ref": "T-1", "phase": "opened"},
    EventType.CONTACT_CHANGE: {"contact_ref": "p-1", "change": "left"},
    EventType.MILESTONE: {"booking_ref": "B-1", "code": "delivered", "classifier": "actual"},
} | {kind: {"ref": "R-1", "phase": "any"} for kind in EventType if kind >= EventType.CONTRACT}


def payload(kind, /, **fields):
    return msgspec.convert(MINIMAL[kind] | fields, PAYLOADS[kind])


@pytest.mark.parametrize("kind", EventType)
def test_each_type_requires_its_fields_and_nothing_else(kind):
    required = {f.name for f in msgspec.structs.fields(PAYLOADS[kind]) if f.required}

    assert required == set(MINIMAL[kind])
    for name in required:
        with pytest.raises(msgspec.ValidationError):
            payload(kind, **{name: None})


@pytest.mark.parametrize("kind", EventType)
def test_every_optional_field_may_be_absent_or_null(kind):
    optional = [f.name for f in msgspec.structs.fields(PAYLOADS[kind]) if not f.required]

    absent = payload(kind)
    null = payload(kind, **dict.fromkeys(optional))

    assert all(getattr(absent, name) is msgspec.UNSET for name in optional)
    assert all(getattr(null, name) is None for name in optional)


@pytest.mark.parametrize(
    ("kind", "ref"),
    [
        (EventType.ACCOUNT, ""),
        (EventType.BOOKING, "B-1"),
        (EventType.WAREHOUSE, "2026-03-04/storage/DC1"),
        (EventType.COMPLAINT, "T-1"),
        (EventType.CONTACT_CHANGE, "p-1"),
        (EventType.MILESTONE, "B-1"),
        (EventType.INVOICE, "R-1"),
    ],
)
def test_a_payload_names_what_it_speaks_of(kind, ref):
    assert payload_ref(payload(kind)) == (None, ref)


def test_a_named_system_goes_with_the_reference_and_null_names_none():
    assert payload_ref(payload(EventType.BOOKING, ref_system="tms")) == ("tms", "B-1")
    assert payload_ref(payload(EventType.BOOKING, ref_system=None)) == (None, "B-1")


@pytest.mark.parametrize(
    ("text", "exact"),
    [("3150.00", "3150.00"), ("0", "0"), (".5", "0.5"), ("5.", "5"), ("+7", "7"), ("-0.00", "0")],
)
def test_money_as_text_is_exact(text, exact):
    money = msgspec.convert({"amount": text, "currency": "USD"}, Money)

    assert money.exact == Decimal(exact)


def test_money_as_a_number_is_its_shortest_decimal():
    assert msgspec.json.decode(b'{"amount": 0.1, "currency": "VND"}', type=Money).exact == Decimal(
        "0.1"
    )


@pytest.mark.parametrize(
    "amount",
    ["", " 1", "1 ", "1\n", "1_000", "1,000.00", "1e3", "NaN", "Infinity", "٣", "-1", "1" * 13],
)
def test_other_texts_are_no_money(amount):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"amount": amount, "currency": "USD"}, Money)


def test_only_a_margin_may_be_negative():
    negative = {"amount": "-12.50", "currency": "USD"}

    assert msgspec.convert(negative, SignedMoney).exact == Decimal("-12.50")
    assert payload(EventType.BOOKING, margin=negative).margin.exact < 0
    with pytest.raises(msgspec.ValidationError):
        payload(EventType.BOOKING, revenue=negative)


def test_numbers_end_below_a_million_millions():
    assert payload(EventType.BOOKING, teu=999_999_999_999).teu == 999_999_999_999
    with pytest.raises(msgspec.ValidationError, match="teu"):
        payload(EventType.BOOKING, teu=1e12)


def test_payloads_can_be_built_from_merged_fields():
    """The fold of a booking makes one of the latest values."""
    assert Booking(booking_ref="B", phase="amended", origin=None).origin is None
