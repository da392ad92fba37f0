"""The AsyncAPI document is valid by AsyncAPI's own JSON Schema, which notices broken ones."""

import gzip
import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

from shared.contracts.asyncapi import DOCUMENT

OFFICIAL = Path(__file__).parent / "official" / "asyncapi-3.0.0.json.gz"
BOOKING = "leadline.booking.v1"
RECEIVE = "receive_leadline_booking_v1"


@pytest.fixture(scope="module")
def official():
    return Draft7Validator(json.loads(gzip.decompress(OFFICIAL.read_bytes())))


@pytest.fixture
def kept():
    return yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))


def test_the_kept_document_is_valid_by_the_official_schema(official, kept):
    faults = [f"{fault.json_path}: {fault.message}" for fault in official.iter_errors(kept)]

    assert faults == []


def test_the_document_uses_the_version_of_the_official_schema(kept):
    assert OFFICIAL.name == f"asyncapi-{kept['asyncapi']}.json.gz"


BREAKAGES = {
    "no title": lambda made: made["info"].pop("title"),
    "another version": lambda made: made.update(asyncapi="9.0.0"),
    "a field nobody knows": lambda made: made["channels"][BOOKING].update(adress="x"),
    "an operation without action": lambda made: made["operations"][RECEIVE].pop("action"),
    "an action nobody knows": lambda made: made["operations"][RECEIVE].update(action="read"),
    "an operation without channel": lambda made: made["operations"][RECEIVE].pop("channel"),
    "partitions as text": lambda made: kafka(made["channels"][BOOKING]).update(partitions="six"),
    "a policy nobody knows": lambda made: kafka(made["channels"][BOOKING]).update(
        topicConfiguration={"cleanup.policy": ["burn"]}
    ),
    "an example that is no object": lambda made: message(made).update(examples=["x"]),
    "a message key that is no schema": lambda made: kafka(message(made)).update(key="text"),
    "a type nobody knows": lambda made: made["components"]["schemas"]["Money"].update(
        type="moneys"
    ),
}


def message(made):
    return made["components"]["messages"][BOOKING]


def kafka(part):
    return part["bindings"]["kafka"]


@pytest.mark.parametrize("breaking", BREAKAGES.values(), ids=BREAKAGES)
def test_the_official_schema_refuses_a_document_with(official, kept, breaking):
    breaking(kept)

    assert not official.is_valid(kept)


def test_every_message_of_an_operation_is_one_of_its_channel(kept):
    """The schema cannot say this; AsyncAPI's text does."""
    for operation in kept["operations"].values():
        channel = operation["channel"]["$ref"]
        name = channel.removeprefix("#/channels/")
        for one in operation["messages"]:
            where, _, which = one["$ref"].rpartition("/")
            assert where == f"{channel}/messages"
            assert which in kept["channels"][name]["messages"]
