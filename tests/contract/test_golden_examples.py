"""Every consumer accepts every good example and refuses every bad one for the reason it names."""

import msgspec
import pytest

from services.ingest.aside import NOT_STORABLE
from services.ingest.decode import REASONS, UNDECODABLE, Fact, Rejection, decode
from shared.contracts.examples import Example, examples
from shared.contracts.json_schema import payload_types
from shared.contracts.outbound import read_outbound
from shared.domain.event_types import BY_TOPIC

NOW = 1_780_000_000_000_000  # May 2026, in microseconds
ALL = examples()
INBOUND = [e for e in ALL if e.type in BY_TOPIC]
OUTBOUND = [e for e in ALL if e.type not in BY_TOPIC]


def label(example: Example) -> str:
    return f"{example.type}-{example.name}"


def outcome(example: Example) -> Fact | Rejection:
    return decode(example.body, (), key=None, topic=None, recorded_default=NOW, now=NOW)


@pytest.mark.parametrize("example", [e for e in INBOUND if e.reason is None], ids=label)
def test_a_good_inbound_example_becomes_a_fact(example):
    fact = outcome(example)

    assert isinstance(fact, Fact), fact
    assert fact.type is BY_TOPIC[example.type]
    assert fact.subject == "ACC-0042"


@pytest.mark.parametrize("example", [e for e in INBOUND if e.reason is not None], ids=label)
def test_a_bad_inbound_example_is_refused_for_the_reason_in_its_name(example):
    verdict = outcome(example)

    assert isinstance(verdict, Rejection), verdict
    assert verdict.reason == example.reason, verdict
    assert verdict.detail


@pytest.mark.parametrize("example", [e for e in OUTBOUND if e.reason is None], ids=label)
def test_a_good_outbound_example_is_what_we_would_write(example):
    event = read_outbound(example.type, example.body)

    assert event.type == example.type
    assert event.subject == event.data.account_id


@pytest.mark.parametrize("example", [e for e in OUTBOUND if e.reason is not None], ids=label)
def test_a_bad_outbound_example_is_refused(example):
    with pytest.raises(msgspec.ValidationError):
        read_outbound(example.type, example.body)


@pytest.mark.parametrize("name", payload_types())
def test_every_type_has_good_and_bad_examples(name):
    mine = [e for e in ALL if e.type == name]

    assert any(e.reason is None for e in mine)
    assert any(e.reason for e in mine)


def test_examples_name_only_types_and_reasons_that_exist():
    assert {e.type for e in ALL} == set(payload_types())
    assert {e.reason for e in ALL if e.reason} <= REASONS


def test_every_reason_that_one_event_alone_can_have_has_an_example():
    of_the_record = {
        "tombstone", "too_large", "headers_too_large", "key_mismatch", "topic_mismatch",
    }  # fmt: skip
    of_ours = {UNDECODABLE, NOT_STORABLE}

    assert {e.reason for e in INBOUND if e.reason} == REASONS - of_the_record - of_ours
