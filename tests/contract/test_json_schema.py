"""The published schemas say of every example what the decoder says."""

import json
import re
from datetime import datetime

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from shared.contracts.examples import Example, examples
from shared.contracts.json_schema import event_schema, payload_types

# What a schema cannot see: bytes that are no JSON, the clock, and levels of nesting.
BEYOND_SCHEMA = {"not_utf8", "not_json", "future_time", "too_deep"}
# A day that the calendar lacks, in a text that may also be a time; a number in a field that we do
# not know; the first second of the calendar.
UNSEEN = {"ready-on-no-day", "unknown-number-beyond-double", "time-of-year-one"}

formats = FormatChecker(["date"])


@formats.checks("date-time", raises=ValueError)
def is_date_time(value):
    return not isinstance(value, str) or bool(datetime.fromisoformat(value.upper()))


def label(example: Example) -> str:
    return f"{example.type}-{example.name}"


@pytest.fixture(scope="module")
def validators():
    return {
        name: Draft202012Validator(event_schema(name), format_checker=formats)
        for name in payload_types()
    }


@pytest.mark.parametrize("name", payload_types())
def test_every_schema_is_valid_itself(name):
    Draft202012Validator.check_schema(event_schema(name))


@pytest.mark.parametrize("example", [e for e in examples() if e.reason is None], ids=label)
def test_the_schema_accepts_every_good_example(example, validators):
    errors = list(validators[example.type].iter_errors(json.loads(example.body)))

    assert errors == []


@pytest.mark.parametrize(
    "example",
    [e for e in examples() if e.reason and e.reason not in BEYOND_SCHEMA and e.name not in UNSEEN],
    ids=label,
)
def test_the_schema_refuses_every_bad_example_that_it_can_see(example, validators):
    assert not validators[example.type].is_valid(json.loads(example.body))


def test_published_patterns_are_ones_that_other_languages_know():
    """ECMA 262, which JSON Schema names, has neither possessive quantifiers nor \\A and \\Z."""
    for name in payload_types():
        text = json.dumps(event_schema(name))
        for pattern in re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', text):
            assert not re.search(r"\\\\[AZz]|[*+?]\+|\(\?P", pattern), pattern
