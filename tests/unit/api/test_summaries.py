"""What the timeline says of an event: the figures that count for it, as people write them."""

import msgspec
import pytest

from services.api.summaries import summary
from shared.domain.event_types import EventType


def said(event, /, **data):
    return summary(event, msgspec.json.encode(data))


def test_a_day_of_storage_names_the_cubic_metres_that_lay_there():
    day = {"site": "HPH", "day": "2026-05-03", "kind": "storage"}
    assert said(EventType.WAREHOUSE, **day, volume_cbm=1250.5) == (
        "Warehouse HPH, storage on 2026-05-03: 1,250.5 cbm."
    )


def test_a_day_in_the_warehouse_names_its_lines_and_errors():
    day = {"site": "HPH", "day": "2026-05-03", "kind": "outbound"}
    assert said(EventType.WAREHOUSE, **day, orders=12, lines=40, errors=2) == (
        "Warehouse HPH, outbound on 2026-05-03: 12 orders, 40 lines, 2 errors."
    )


@pytest.mark.parametrize(("hours", "how"), [(5, "5 h late"), (-2.5, "2.5 h early"), (0, "on time")])
def test_a_milestone_says_whether_it_was_late_or_early(hours, how):
    told = {"booking_ref": "B1", "code": "ATA", "classifier": "actual", "delay_h": hours}
    assert said(EventType.MILESTONE, **told) == f"Booking B1: actual, ATA, {how}."


@pytest.mark.parametrize(
    ("size", "how"),
    [
        ({"weight_kg": 1_234_567}, "1,234,567 kg"),
        ({"weight_kg": 1_234_567.25}, "1,234,567.25 kg"),
        ({"teu": 2.0}, "2 TEU"),
    ],
)
def test_a_large_shipment_is_not_said_in_powers_of_ten(size, how):
    told = {"booking_ref": "B1", "phase": "confirmed", **size}
    assert said(EventType.BOOKING, **told) == f"Booking B1 confirmed, {how}."


def test_who_rolled_a_booking_and_why_stand_with_what_happened():
    told = {"booking_ref": "B1", "phase": "rolled", "by": "carrier", "reason": "space"}
    assert said(EventType.BOOKING, **told, mode="sea") == (
        "Booking B1 rolled by carrier (space), sea."
    )


def test_master_data_name_the_day_of_the_renewal():
    assert said(EventType.ACCOUNT, name="Hai Van", tier="A", renewal_date="2026-07-20") == (
        "Account data of Hai Van set: tier A, renewal on 2026-07-20."
    )
