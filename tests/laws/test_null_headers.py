"""A header without a value, which Kafka allows, goes with its dead letter wherever that goes."""

import json
from datetime import UTC, datetime

import pytest

from services.api.operation_forms import DeadLetter as Form
from services.api.queries.dead_letters import dead_letter_by_id
from services.cli.letters import dead_letters
from services.ingest.batch import Batch, DeadLetter, Intake
from services.ingest.dlq import publish_dead_letters
from services.ingest.replay import DeadLetterReplay
from services.ingest.store.writer import FactWriter
from tests.support.cloudevents import booking

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TOPIC = "leadline.booking.v1"
HEADERS = (("trace", None), ("trace", b""), ("leadline-file", None), ("ce_subject", None))
STORED = [["trace", None], ["trace", ""], ["leadline-file", None], ["ce_subject", None]]


class FixedClock:
    def now(self):
        return NOW


class Outside:
    """Keeps what is published."""

    def __init__(self):
        self.heard = []

    async def publish(self, messages):
        self.heard += messages


@pytest.fixture
def refused(database):
    """A database with the letter of a good record that was refused in its time."""
    letter = DeadLetter(
        "kafka:c1:x:0:7", TOPIC, 0, 7, b"ACC-1", booking("B1"), HEADERS, "undecodable", "", None
    )
    FactWriter(database).write(Batch(Intake.KAFKA, 5, dead_letters=[letter]))
    return database


def test_it_is_kept_as_null_and_shown_so_by_the_api_and_the_command(refused):
    with refused.read() as connection:
        form = dead_letter_by_id(connection, 1)
    (listed,) = dead_letters(refused)

    assert form["headers"] == listed["headers"] == STORED
    assert (form["file"], listed["file"], form["account_id"]) == (None, None, "ACC-1")
    assert json.loads(Form.model_validate(form).model_dump_json())["headers"] == STORED


async def test_it_goes_out_to_the_topic_of_dead_letters_without_a_value(refused):
    outside = Outside()

    await publish_dead_letters(refused, outside)

    (message,) = outside.heard
    assert tuple(message.headers[:4]) == HEADERS


def test_the_record_is_replayed_with_it(refused):
    assert DeadLetterReplay(refused, FixedClock()).replay(1).status == "accepted"
