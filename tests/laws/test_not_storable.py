"""An event that cannot be stored is kept as its record came, and replayed once it can be."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from services.ingest.batch import Intake
from services.ingest.intake import EventIntake
from services.ingest.replay import DeadLetterReplay
from services.ingest.sink import KafkaSink
from services.ingest.store import writer
from services.ingest.store.partitions import PartitionStore
from shared.kafka.positions import Place
from shared.store.tables import DeadLetterRow
from tests.support.cloudevents import event
from tests.support.factories import FixedClock

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PLACE = Place("leadline.complaint.v1", 0)
FAULTS = [TypeError("of ours"), KeyError("name"), OverflowError("date value out of range")]


class Record:
    def __init__(self, offset, value, headers=()):
        self.topic, self.partition, self.offset = *PLACE, offset
        self.key, self.value, self.headers = b"ACC-1", value, headers
        self.timestamp = 1_772_000_000_000


def complaint(ref):
    return event("complaint", {"ticket_ref": ref, "phase": "opened"}, id=ref)


VALUES = [complaint(ref) for ref in ("T1", "T2", "T3")]


@pytest.fixture(params=FAULTS, ids=repr)
def defect(monkeypatch, request):
    """Storing the complaint T2 fails until it is mended by `undo`."""
    store = writer.store_evidence

    def broken(connection, facts, surrogates):
        if any(placed.fact.id == "T2" for placed in facts):
            raise request.param
        store(connection, facts, surrogates)

    monkeypatch.setattr(writer, "store_evidence", broken)
    return monkeypatch


def letter(database):
    with database.read() as connection:
        return connection.execute(select(DeadLetterRow.__table__)).one()


def stored(database):
    with database.read() as connection:
        return connection.scalars(text("SELECT event_id FROM event ORDER BY event_id")).all()


@pytest.mark.parametrize("road", [Intake.HTTP, Intake.IMPORT])
def test_over_http_and_from_files_the_letter_has_the_events_own_bytes(database, defect, road):
    results = EventIntake(database, FixedClock(NOW), road).accept(VALUES, ["f:1", "f:2", "f:3"])

    assert [result.reason for result in results] == [None, "not_storable", None]
    kept = letter(database)
    assert (kept.reason, kept.value) == ("not_storable", VALUES[1])
    assert kept.headers == [["leadline-file", "Zjoy"]]
    assert stored(database) == ["T1", "T3"]


def test_what_cannot_be_stored_when_it_is_replayed_either_stays_the_one_letter(database, defect):
    EventIntake(database, FixedClock(NOW)).accept(VALUES)
    replay = DeadLetterReplay(database, FixedClock(NOW))

    again = replay.replay(letter(database).id)

    assert (again.status, again.reason) == ("rejected", "not_storable")
    assert letter(database).tries == 2
    defect.undo()
    assert replay.replay(letter(database).id).status == "accepted"
    assert stored(database) == ["T1", "T2", "T3"]


def test_from_kafka_the_record_is_kept_whole_and_the_offset_moves_on(database, defect):
    asyncio.run(written(database, [Record(at, value, (("x", None),)) for at, value in VALUES_AT]))

    kept = letter(database)
    assert (kept.topic, kept.partition, kept.offset, kept.reason) == (*PLACE, 1, "not_storable")
    assert (kept.key, kept.value, kept.headers) == (b"ACC-1", VALUES[1], [["x", None]])
    assert stored(database) == ["T1", "T3"]
    defect.undo()
    assert DeadLetterReplay(database, FixedClock(NOW)).replay(kept.id).status == "accepted"


VALUES_AT = list(enumerate(VALUES))


async def written(database, records):
    sink = KafkaSink(PartitionStore(database, "c1"), FixedClock(NOW), "c1", breaker_on=True)
    try:
        await sink.locate({PLACE: 0})
        await sink.write([sink.take(PLACE, 0, records)])
    finally:
        sink.close()
    with database.read() as connection:
        assert connection.scalar(text("SELECT next_offset FROM consumer_offset")) == 3
