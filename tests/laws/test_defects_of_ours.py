"""A record on which our own code fails is kept and named, and stops nobody, whatever its road."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from services.ingest.adapters import find_mapping, load_mapping
from services.ingest.adapters.importer import FileImport
from services.ingest.decode import decoder
from services.ingest.intake import EventIntake
from services.ingest.replay import DeadLetterReplay
from shared.store.tables import DeadLetterRow
from tests.support.cloudevents import booking
from tests.support.factories import FixedClock

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SAID = "ZeroDivisionError at test_defects_of_ours.py:"


@pytest.fixture
def defect(monkeypatch):
    """Our code fails on the booking B2 until it is mended by `undo`."""
    fold = decoder.fold_single

    def broken(time, source, payload):
        if payload.booking_ref == "B2":
            raise ZeroDivisionError("of a sum")
        return fold(time, source, payload)

    monkeypatch.setattr(decoder, "fold_single", broken)
    return monkeypatch


def accepted_by_http(database, values):
    return [result.status for result in EventIntake(database, FixedClock(NOW)).accept(values)]


def accepted_by_import(database, values, folder):
    path = folder / "own.jsonl"
    path.write_bytes(b"\n".join(values))
    report = FileImport(
        database, FixedClock(NOW), path, load_mapping(find_mapping("leadline"))
    ).run()
    return report.outcomes


def letters(database):
    with database.read() as connection:
        return connection.execute(select(DeadLetterRow.__table__)).all()


def events(database):
    with database.read() as connection:
        return connection.scalars(text("SELECT event_id FROM event ORDER BY event_id")).all()


VALUES = [booking("B1"), booking("B2"), booking("B3")]


def test_over_http_the_rest_of_the_batch_is_accepted_and_the_defect_logged(database, defect):
    with capture_logs() as logged:
        assert accepted_by_http(database, VALUES) == ["accepted", "rejected", "accepted"]

    (letter,) = letters(database)
    assert (letter.reason, letter.value) == ("undecodable", VALUES[1])
    assert letter.detail.startswith(SAID)
    errors = [line for line in logged if line["log_level"] == "error"]
    assert [(line["count"], line["first"]) for line in errors] == [(1, letter.detail)]


def test_an_import_reads_on(database, defect, tmp_path):
    assert accepted_by_import(database, VALUES, tmp_path) == {"accepted": 2, "rejected": 1}

    assert [letter.reason for letter in letters(database)] == ["undecodable"]


def test_a_replay_fails_alike_until_our_code_is_mended_and_then_accepts_it(database, defect):
    accepted_by_http(database, VALUES)
    replay = DeadLetterReplay(database, FixedClock(NOW))

    with capture_logs() as logged:
        again = replay.replay(1)
    defect.undo()

    assert (again.status, again.reason) == ("rejected", "undecodable")
    assert [line["log_level"] for line in logged] == ["error"]
    assert replay.replay(1).status == "accepted"
    assert events(database) == [json.loads(value)["id"] for value in VALUES]
