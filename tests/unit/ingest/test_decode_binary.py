"""Binary mode: attributes in headers, the payload alone in the value."""

import json

import pytest

from services.ingest.decode import Fact, Rejection, decode

NOW = 1_780_000_000_000_000
PAYLOAD = b'{"ticket_ref": "T-1", "phase": "opened", "severity": 1}'
HEADERS = (
    ("ce_specversion", b"1.0"),
    ("ce_id", b"7f0c"),
    ("ce_source", b"/crm/hq"),
    ("ce_type", b"leadline.complaint.v1"),
    ("ce_subject", "ACC-São".encode()),
    ("ce_time", b"2026-03-04T09:30:00+07:00"),
    ("content-type", b"application/json"),
)


def read(value=PAYLOAD, headers=HEADERS, **kwargs):
    given = {"key": None, "topic": "leadline.complaint.v1", "recorded_default": NOW, "now": NOW}
    return decode(value, headers, **(given | kwargs))


def replaced(name, value):
    kept = tuple(h for h in HEADERS if h[0] != name)
    return kept if value is None else (*kept, (name, value))


def test_headers_and_value_make_the_same_fact_as_a_structured_event():
    attributes = {
        name.removeprefix("ce_"): value.decode() for name, value in HEADERS if "ce_" in name
    }
    structured = json.dumps(attributes | {"data": "@"}).encode().replace(b'"@"', PAYLOAD)

    assert read() == read(structured, ())
    assert isinstance(read(), Fact)
    assert read().data == PAYLOAD


def test_the_key_is_compared_with_the_subject_header():
    assert isinstance(read(key="ACC-São".encode()), Fact)
    assert read(key=b"ACC-Sao").reason == "key_mismatch"


def test_recorded_time_and_foreign_headers_are_read_and_ignored():
    headers = (*HEADERS, ("ce_recordedtime", b"1970-01-01T00:00:00Z"), ("traceparent", b"\xff"))

    assert read(headers=headers).recorded == 0


def test_an_attribute_that_comes_twice_is_refused_and_any_other_header_may():
    assert read(headers=(*HEADERS, ("trace", b"1"), ("trace", b"2"))) == read()
    verdict = read(headers=(*HEADERS, ("CE_ID", b"other")))
    assert verdict == Rejection("bad_envelope", "ce_id: came twice")


@pytest.mark.parametrize(
    ("expected", "name", "value"),
    [
        ("bad_envelope", "ce_specversion", None),
        ("bad_envelope", "ce_specversion", b"0.3"),
        ("bad_envelope", "ce_id", None),
        ("bad_id", "ce_id", b""),
        ("bad_id", "ce_id", b"x" * 257),
        ("bad_id", "ce_id", b"a\nb"),
        ("bad_id", "ce_subject", b"a\x00b"),
        ("missing_field", "ce_subject", None),
        ("missing_field", "ce_time", None),
        ("naive_time", "ce_time", b"2026-03-04T09:30:00"),
        ("future_time", "ce_time", b"2999-03-04T09:30:00Z"),
        ("invalid_field", "ce_time", b"yesterday"),
        ("not_utf8", "ce_source", b"\xff"),
        ("unknown_type", "ce_type", b"booking"),
        ("topic_mismatch", "ce_type", b"leadline.booking.v1"),
    ],
)
def test_a_wrong_header_has_a_named_reason(expected, name, value):
    verdict = read(headers=replaced(name, value))

    assert isinstance(verdict, Rejection)
    assert verdict.reason == expected


def test_an_empty_value_is_not_json_and_no_value_a_tombstone():
    assert read(b"").reason == "not_json"
    assert read(None).reason == "tombstone"


def test_a_header_without_value_is_an_empty_one():
    assert read(headers=(*replaced("ce_id", None), ("ce_id", None))).reason == "bad_id"


def test_the_content_type_decides_for_structured_whatever_else_the_headers_say():
    headers = replaced("content-type", b"Application/CloudEvents+JSON; charset=utf-8")

    assert read(headers=headers).reason == "bad_envelope"  # the payload alone is no event


@pytest.mark.parametrize(
    "content_type", [b"application/cloudevents+avro", b"application/cloudevents-batch+json"]
)
def test_formats_that_are_not_read_here_are_named(content_type):
    verdict = read(headers=(("content-type", content_type),))

    assert verdict.reason == "bad_envelope"
    assert content_type.decode() in verdict.detail


def test_a_stray_header_of_that_prefix_does_not_make_a_record_binary():
    verdict = read(b"{}", headers=(("ce_trace", b"1"),))

    assert verdict.reason == "bad_envelope"
    assert "specversion" in verdict.detail
