"""Decoding: what a record becomes, and which of the closed set of reasons refuses it."""

import json
import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from services.ingest.decode import REASONS, Fact, Rejection, decode, decode_payload, decoder
from shared.contracts.inbound import Booking
from shared.domain.event_types import EventType

NOW = 1_780_000_000_000_000
BOOKING = "leadline.booking.v1"
STRUCTURED = [("content-type", b"application/cloudevents+json")]


def event(data=None, **attributes):
    base = {
        "specversion": "1.0", "id": "7f0c", "source": "/tms/hph-1", "type": BOOKING,
        "subject": "ACC-0042", "time": "2026-03-04T09:30:00+07:00",
        "data": {"booking_ref": "HPH-88121", "phase": "confirmed"} | (data or {}),
    }  # fmt: skip
    return json.dumps(base | attributes).encode()


def read(value, headers=STRUCTURED, *, key=b"ACC-0042", topic=BOOKING, recorded=NOW):
    return decode(value, headers, key=key, topic=topic, recorded_default=recorded, now=NOW)


def reason(verdict):
    assert isinstance(verdict, Rejection), verdict
    assert verdict.reason in REASONS
    assert 0 < len(verdict.detail) <= 300
    assert verdict.detail.isprintable()
    return verdict.reason


def test_a_booking_becomes_a_fact_with_its_own_bytes():
    value = event({"teu": 2, "revenue": {"amount": "3150.00", "currency": "USD"}})

    fact = read(value)

    assert isinstance(fact, Fact)
    assert (fact.source, fact.id, fact.subject) == ("/tms/hph-1", "7f0c", "ACC-0042")
    assert fact.type is EventType.BOOKING
    assert fact.time == 1_772_591_400_000_000
    assert fact.recorded == NOW
    assert isinstance(fact.payload, Booking)
    assert fact.payload.teu == 2
    assert fact.data in value
    assert json.loads(fact.data)["revenue"]["amount"] == "3150.00"


def test_stored_bytes_decode_to_the_same_payload():
    fact = read(event({"teu": 2}))

    assert decode_payload(fact.type, fact.data) == fact.payload


def test_absent_and_null_are_told_apart():
    payload = read(event({"service": None})).payload

    assert payload.service is None
    assert payload.origin is msgspec.UNSET


def test_recorded_time_is_the_sources_own_else_the_records_else_the_events():
    own = event(recordedtime="2026-03-05T00:00:00.000001Z")

    assert read(own).recorded == 1_772_668_800_000_001
    assert read(event(), recorded=5).recorded == 5
    assert read(event(recordedtime=None), recorded=5).recorded == 5
    assert read(event(), recorded=None).recorded == 1_772_591_400_000_000


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-03-04T09:30:00.123456-05:30", 1_772_636_400_123_456),
        ("2026-03-04t02:30:00z", 1_772_591_400_000_000),
    ],
)
def test_times_are_exact_microseconds(text, micros):
    assert read(event(time=text)).time == micros


def test_a_time_five_minutes_ahead_is_clock_drift_and_later_is_the_future():
    now = datetime.fromtimestamp(NOW // 1_000_000, UTC)
    edge = now + timedelta(minutes=5)

    assert isinstance(read(event(time=edge.isoformat())), Fact)
    late = edge + timedelta(microseconds=1)
    assert reason(read(event(time=late.isoformat()))) == "future_time"


def test_neither_key_nor_topic_is_looked_at_where_there_is_none():
    assert isinstance(read(event(), (), key=None, topic=None), Fact)
    assert isinstance(read(event(), key=None), Fact)


def test_text_in_any_script_is_kept():
    name = "Công ty Sơn Trà 株式会社 😀"
    value = event({"origin": name}, subject="ACC-São")

    fact = read(value, key="ACC-São".encode())

    assert fact.payload.origin == name
    assert fact.subject == "ACC-São"


def test_line_breaks_are_no_fault_of_free_text():
    assert read(event({"origin": "a\nb"})).payload.origin == "a\nb"


@pytest.mark.parametrize(
    ("expected", "record"),
    [
        ("tombstone", {"value": None}),
        ("not_json", {"value": b""}),
        ("not_json", {"value": b"\xef\xbb\xbf{}"}),
        ("not_json", {"value": b"null and more"}),
        ("not_utf8", {"value": b'{"id": "\xff"}'}),
        ("not_utf8", {"value": b"\xed\xa0\x80"}),
        ("bad_envelope", {"value": b"null"}),
        ("bad_envelope", {"value": b"{}"}),
        ("bad_envelope", {"value": b'"leadline"'}),
        ("too_large", {"value": event({"origin": "x" * (1 << 20)})}),
        ("invalid_field", {"value": event({"origin": "x" * 1_000_000})}),
        ("bad_id", {"value": event(id="x" * 100_000)}),
        ("bad_id", {"value": event(id="")}),
        ("bad_id", {"value": event(subject="")}),
        ("bad_id", {"value": event(source="a\x85b")}),
        ("too_deep", {"value": b"[" * 1_000_000}),
        ("too_deep", {"value": b'{"a":' * 100_000}),
        ("too_deep", {"value": event({"x": "@"}).replace(b'"@"', b"[" * 65 + b"]" * 65)}),
        ("key_mismatch", {"value": event(), "key": b"ACC-0043"}),
        ("key_mismatch", {"value": event(), "key": b""}),
        ("key_mismatch", {"value": event(), "key": b"\xff" * 1000}),
        ("topic_mismatch", {"value": event(), "topic": "leadline.account.v1"}),
        ("unknown_type", {"value": event(type="")}),
        ("unknown_type", {"value": event(type="leadline.signal.v1")}),
        ("unknown_type", {"value": event(type="x" * 5000)}),
        ("unknown_version", {"value": event(type="leadline.booking.v2")}),
        ("unknown_version", {"value": event(type="leadline.booking.v1.1")}),
        ("headers_too_large", {"value": event(), "headers": [("trace", b"x" * 70_000)]}),
        ("headers_too_large", {"value": event(), "headers": [("h" * 8, b"")] * 9_000}),
        ("number_out_of_range", {"value": event({"teu": "@"}).replace(b'"@"', b"9" * 5_000)}),
        ("number_out_of_range", {"value": event({"teu": "@"}).replace(b'"@"', b"-1e-5")}),
        ("naive_time", {"value": event(time="2026-03-04T09:30:00")}),
        ("invalid_field", {"value": event(time="0001-01-01T00:00:00+14:00")}),
        ("invalid_field", {"value": event(time="0001-01-01T00:00:00Z")}),
        ("invalid_field", {"value": event(time="1969-12-31T23:59:59.999999Z")}),
        ("invalid_field", {"value": event(recordedtime="9999-12-31T23:59:59-14:00")}),
        ("invalid_field", {"value": event(data=None, recordedtime=7)}),
    ],
)  # fmt: skip
def test_what_cannot_be_accepted_has_a_named_reason(expected, record):
    assert reason(read(record.pop("value"), **record)) == expected


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"teu": -1}, "data.teu"),
        ({"revenue": {"amount": "-1", "currency": "USD"}}, "data.revenue.amount"),
        ({"parties": {"payer": {"id": ""}}}, "data.parties.payer.id"),
        ({"phase": None}, "data.phase"),
        ({"requested_at": "2026-03-04T09:30:00"}, "data.requested_at"),
        ({"booking_ref": "a\x00b"}, "data.booking_ref"),
        ({"origin": "a\x00b"}, "data.origin"),
        ({"parties": {"payer": "a\x00b"}}, "data.parties.payer"),
        ({"cargo_ready": "2026-02-30"}, "data.cargo_ready"),
    ],
)
def test_the_detail_begins_with_the_path(data, path):
    assert read(event(data)).detail.startswith(path + ":")


@pytest.mark.parametrize(
    ("type_", "data", "allowed"),
    [
        (
            "leadline.complaint.v1",
            {"ticket_ref": "T1", "phase": "closed"},
            (
                "data.phase: Invalid enum value 'closed';"
                " allowed: escalated, opened, reopened, responded, solved, updated"
            ),
        ),
        (
            "leadline.complaint.v1",
            {"ticket_ref": "T1", "phase": "opened", "severity": 9},
            "data.severity: Invalid enum value 9; allowed: 1, 2, 3, 4",
        ),
    ],
)
def test_a_word_that_is_none_of_a_fields_is_answered_with_those_that_are(type_, data, allowed):
    value = json.dumps(json.loads(event(type=type_)) | {"data": data}).encode()
    assert read(value, topic=type_).detail == allowed


def test_a_detail_shows_no_control_characters_and_no_more_than_300():
    verdict = read(event(type="\x1b[2J" * 500))

    assert reason(verdict) == "unknown_type"
    assert len(verdict.detail) == 300
    assert verdict.detail.endswith("…")


@pytest.mark.parametrize(
    ("text", "half"),
    [
        (r'"x\ud800y"', r"\ud800"),
        (r'"x\udc00y"', r"\udc00"),
        (r'"x\ud83d\ud83d\ude00"', r"\ud83d"),
        (r'"\\\ud83dA"', r"\ud83d"),
    ],
)
def test_half_of_a_surrogate_pair_is_named_as_what_it_is(text, half):
    verdict = read(event({"origin": "HERE"}).replace(b'"HERE"', text.encode()))
    assert reason(verdict) == "not_json"
    assert f"{half} is half of a surrogate pair" in verdict.detail


def test_a_whole_surrogate_pair_is_a_character():
    verdict = read(event({"origin": "HERE"}).replace(b'"HERE"', rb'"\ud83d\ude00"'))
    assert verdict.payload.origin == "\U0001f600"


def test_an_unfinished_document_is_not_json_even_where_a_field_is_wrong():
    assert reason(read(event({"teu": "two"}, id="")[:-5])) == "not_json"


def test_brackets_inside_texts_are_no_depth():
    assert isinstance(read(event({"x": '[{"' * 1000})), Fact)


def test_many_flat_arrays_are_no_depth():
    assert isinstance(read(event({"x": [[]] * 1000})), Fact)


def test_the_deepest_that_is_allowed_is_accepted():
    nested = event({"x": "@"}).replace(b'"@"', b"[" * 62 + b"]" * 62)  # inside event and data

    assert isinstance(read(nested), Fact)


def test_the_last_of_two_equal_keys_holds():
    value = event().replace(b'"phase"', b'"phase": "requested", "phase"')

    assert read(value).payload.phase == "confirmed"


def test_payload_bytes_may_come_in_base64():
    value = event(data_base64="eyJib29raW5nX3JlZiI6ICJYIiwgInBoYXNlIjogImFtZW5kZWQifQ==")
    assert reason(read(value)) == "bad_envelope"  # it may not come beside data
    without = json.loads(value)
    del without["data"]

    assert read(json.dumps(without).encode()).payload.phase == "amended"
    without["data_base64"] = "%%%"
    assert reason(read(json.dumps(without).encode())) == "bad_envelope"
    without["data_base64"] = "/w=="
    assert reason(read(json.dumps(without).encode())) == "not_utf8"


def test_a_flood_of_hostile_records_is_refused_fast():
    hostile = [b"[" * 1_000_000, b"[]," * 300_000, b'"' + b"\\" * 1_000_000, b"\xff" * 1_000_000]
    started = time.process_time()

    for value in hostile:
        reason(read(value))

    assert time.process_time() - started < 2  # far above what it takes, far below a stall


@pytest.mark.parametrize("code", [0, 9, 10, 0x1F, 0x7F, 0x80, 0x9F])
@pytest.mark.parametrize("escaped", [True, False])
def test_no_control_character_enters_an_id_or_reference_raw_or_escaped(code, escaped):
    held = f"a\\u{code:04x}b" if escaped or code < 32 else f"a{chr(code)}b"

    for place, expected in (("7f0c", "bad_id"), ("HPH-88121", "invalid_field")):
        value = event().decode().replace(place, held).encode()
        assert reason(read(value)) == expected


@pytest.mark.parametrize("text", ["a\u00a0b", "é", "\u2028", "~", "\\n", "\\u0000"])
def test_what_only_looks_like_a_control_character_is_kept(text):
    for ascii_only in (True, False):
        value = json.dumps(json.loads(event({"booking_ref": text})), ensure_ascii=ascii_only)
        assert read(value.encode()).payload.booking_ref == text


def test_an_account_cannot_merge_into_itself():
    data = {"name": "Hue Textiles", "status": "merged", "merged_into": "ACC-0042"}
    verdict = read(event(data, type="leadline.account.v1"), topic="leadline.account.v1")
    assert (verdict.reason, verdict.detail.split(":")[0]) == ("invalid_field", "data.merged_into")


@pytest.mark.parametrize("amount", ["", "-", "+", ".", "-.", "+.", "- 1", "٣"])
@pytest.mark.parametrize("field", ["revenue", "margin"])
def test_an_amount_without_a_digit_is_no_number(field, amount):
    verdict = read(event({field: {"amount": amount, "currency": "USD"}}))

    assert reason(verdict) == "invalid_field"
    assert verdict.detail.startswith(f"data.{field}.amount: ")


@pytest.mark.parametrize("amount", ["0", "-0", "-0.", "-.0", "-000.000", "+0", "0.", ".0"])
def test_every_way_to_write_nothing_is_a_number(amount):
    assert isinstance(read(event({"revenue": {"amount": amount, "currency": "USD"}})), Fact)


def test_what_breaks_our_own_code_is_a_dead_letter_that_says_where(monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("of a sum\n" + "x" * 1000)

    monkeypatch.setattr(decoder, "fold_single", broken)

    verdict = read(event())

    assert reason(verdict) == "undecodable"
    assert verdict.detail.startswith("ZeroDivisionError at test_decode.py:")
    assert ": of a sum" in verdict.detail
