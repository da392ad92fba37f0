"""Whatever comes, decoding gives a fact that can be stored or a reason in it; it never fails."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.decode import REASONS, UNDECODABLE, Fact, Rejection, decode, decode_payload
from shared.contracts.examples import examples
from shared.domain.event_types import BY_TOPIC

NOW = 1_780_000_000_000_000
BODIES = [e.body for e in examples() if e.type in BY_TOPIC]
GOOD = [json.loads(e.body) for e in examples() if e.type in BY_TOPIC and e.reason is None]

numbers = st.integers() | st.floats()
almost_numbers = st.text("+-.019e ", max_size=4)
values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
header_names = st.sampled_from(
    ["ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_specversion", "content-type"]
) | st.text(max_size=12)
headers_of_any_kind = st.lists(st.tuples(header_names, st.none() | st.binary(max_size=40)))


def check(value, headers=(), *, key=None, topic=None):
    verdict = decode(value, headers, key=key, topic=topic, recorded_default=NOW, now=NOW)
    if isinstance(verdict, Rejection):
        assert verdict.reason in REASONS - {UNDECODABLE}, verdict
        assert len(verdict.detail) <= 300
        verdict.detail.encode()
        assert "\0" not in verdict.detail
        return
    assert isinstance(verdict, Fact)
    for text in (verdict.id, verdict.source, verdict.subject):
        assert 1 <= len(text) <= 256
        text.encode()
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in text)
    assert -(1 << 63) <= verdict.time < 1 << 63
    assert decode_payload(verdict.type, verdict.data) == verdict.payload
    verdict.data.decode()
    json.loads(verdict.data)


@given(st.binary(max_size=300), headers_of_any_kind, st.none() | st.binary(max_size=8))
def test_any_bytes_and_headers(value, headers, key):
    check(value, headers, key=key, topic="leadline.booking.v1")


@given(st.sampled_from(BODIES), st.data())
@settings(max_examples=300)
def test_an_example_with_bytes_changed(body, data):
    at = data.draw(st.integers(0, len(body)))
    until = data.draw(st.integers(at, min(len(body), at + 8)))

    check(body[:at] + data.draw(st.binary(max_size=6)) + body[until:])


@given(st.sampled_from(GOOD), st.data())
@settings(max_examples=500)
def test_an_event_with_any_value_in_any_place(event, data):
    event = json.loads(json.dumps(event))
    inner = [part for part in event["data"].values() if isinstance(part, dict) and part]
    place = data.draw(st.sampled_from([event, event["data"], *inner]))
    place[data.draw(st.sampled_from(sorted(place)) | st.text(max_size=5))] = data.draw(values)

    check(json.dumps(event, ensure_ascii=data.draw(st.booleans())).encode(errors="surrogatepass"))


@given(st.sampled_from(["revenue", "margin"]), almost_numbers)
@settings(max_examples=500)
def test_a_booking_for_any_text_of_the_signs_of_numbers(field, amount):
    event = next(e for e in GOOD if e["type"] == "leadline.booking.v1")
    money = {"amount": amount, "currency": "USD"}

    check(json.dumps(event | {"data": event["data"] | {field: money}}).encode())


@given(st.binary(max_size=300))
def test_any_value_under_headers_of_binary_mode(value):
    headers = [
        ("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/s"), ("ce_subject", b"A"),
        ("ce_type", b"leadline.account.v1"), ("ce_time", b"2026-03-04T09:30:00Z"),
    ]  # fmt: skip

    check(value, headers)
