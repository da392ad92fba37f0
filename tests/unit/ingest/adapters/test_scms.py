"""The map of the real shipments, against figures computed straight from the file."""

import csv
import gzip
import io
import json
from collections import defaultdict
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import pytest

from services.ingest.adapters import MappedEvent, MappedFile, find_mapping, load_mapping
from tests.support.scms import SCMS_FILE

pytestmark = pytest.mark.skipif(not SCMS_FILE.exists(), reason="the SCMS file is not here")


def day(text):
    return datetime.strptime(text, "%d-%b-%y").replace(tzinfo=UTC)


def number(text):
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


@pytest.fixture(scope="module")
def groups():
    raw = gzip.decompress(SCMS_FILE.read_bytes())
    rows = csv.DictReader(io.StringIO(raw[3:].decode("latin-1"), newline=""))
    found = defaultdict(list)
    for row in rows:
        found[row["Project Code"], row["ASN/DN #"]].append(row)
    return found


@pytest.fixture(scope="module")
def items():
    return list(MappedFile(SCMS_FILE, load_mapping(find_mapping("scms"))))


@pytest.fixture(scope="module")
def events(items):
    return [json.loads(item.value) for item in items]


@pytest.fixture(scope="module")
def bookings(events):
    return {
        (event["subject"], event["data"]["booking_ref"]): event
        for event in events
        if event["type"] == "leadline.booking.v1"
    }


def test_no_row_is_rejected_and_events_come_in_order_of_time(items):
    assert all(isinstance(item, MappedEvent) for item in items)
    assert [item.time for item in items] == sorted(item.time for item in items)


def test_one_booking_is_one_shipment_of_a_project(bookings, groups):
    assert bookings.keys() == groups.keys()
    assert len(bookings) == 7030
    assert len({account for account, _ in bookings}) == 142


def test_times_are_the_days_of_delivery_and_of_recording(bookings, groups):
    for key, rows in groups.items():
        event = bookings[key]
        assert datetime.fromisoformat(event["time"]) == day(rows[0]["Delivered to Client Date"])
        recorded = day(rows[0]["Delivery Recorded Date"])
        assert datetime.fromisoformat(event["recordedtime"]) == recorded


def test_weight_and_freight_are_the_sums_of_what_is_a_number(bookings, groups):
    for key, rows in groups.items():
        data = bookings[key]["data"]
        for column, value in (
            ("Weight (Kilograms)", data.get("weight_kg")),
            ("Freight Cost (USD)", data.get("revenue", {}).get("amount")),
        ):
            numbers = [n for row in rows if (n := number(row[column])) is not None]
            expected = sum(numbers) if numbers else None
            assert (None if value is None else Decimal(str(value))) == expected


def test_late_is_what_any_line_delivered_after_its_schedule_says(events, groups):
    late = {
        (event["subject"], event["data"]["booking_ref"])
        for event in events
        if event["type"] == "leadline.milestone.v1"
        and event["data"]["classifier"] == "actual"
        and event["data"]["delay_h"] > 0
    }
    expected = {
        key
        for key, rows in groups.items()
        if any(
            day(row["Delivered to Client Date"]) > day(row["Scheduled Delivery Date"])
            for row in rows
        )
    }
    assert late == expected
    assert len(late) == 805


def test_modes_and_incoterms_are_the_words_of_the_contract(bookings):
    assert {b["data"].get("mode") for b in bookings.values()} == {"air", "road", "sea", None}
    terms = {b["data"].get("incoterm") for b in bookings.values()}
    assert terms == {"EXW", "DDP", "FCA", "CIP", "DDU", "DAP", "CIF", None}


def test_accounts_are_named_by_project_and_country(events):
    names = {e["subject"]: e["data"] for e in events if e["type"] == "leadline.account.v1"}
    assert len(names) == 142
    assert names["100-CI-T01"]["name"] == "100-CI-T01 Côte d'Ivoire"
    assert names["108-VN-T01"]["calendar"] == "VN"
