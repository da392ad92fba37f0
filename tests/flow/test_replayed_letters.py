"""A replayed dead letter comes in by the way that it came: a file stays no feed."""

import pytest
from sqlalchemy import func, select

from services.api.queries.imports import stale_import
from services.ingest.replay import DeadLetterReplay
from shared.store.tables import EventRow, FeedHourRow, FeedRow
from tests.support.cloudevents import booking, days
from tests.support.factories import NOW, Factory, FixedClock

LONG_AGO = NOW - days(200)


@pytest.fixture
def replayed(database):
    """Replay a letter of that origin that would be accepted by now; return feed and event."""

    def replayed(origin, **values):
        value = booking("B1", at=LONG_AGO)
        letter = Factory(database).dead_letter(origin=origin, value=value, **values)
        result = DeadLetterReplay(database, FixedClock(NOW + days(1))).replay(letter)
        assert result.status == "accepted"
        with database.read() as connection:
            feed = connection.execute(select(FeedRow.__table__)).one()
            event = connection.execute(select(EventRow.__table__)).one()
        return feed, event

    return replayed


def test_one_of_a_file_makes_its_source_no_feed(database, replayed):
    feed, _ = replayed("import:1")
    assert (feed.streamed_total, feed.imported_total, feed.last_arrived_at) == (0, 1, None)
    with database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(FeedHourRow)) == 0
        assert stale_import(connection, NOW) == LONG_AGO


def test_one_of_a_file_was_known_when_it_happened(replayed):
    _, event = replayed("import:1")
    assert event.recorded_at == LONG_AGO


def test_one_sent_by_http_was_known_when_it_first_came_and_is_of_a_feed(replayed):
    feed, event = replayed("http:1")
    assert (feed.streamed_total, feed.imported_total) == (1, 0)
    assert event.recorded_at == NOW


def test_one_of_a_topic_was_known_when_its_record_was_written(replayed):
    place = {"topic": "leadline.booking.v1", "partition": 2, "offset": 7, "key": b"ACC-1"}
    sent = NOW - days(3)
    feed, event = replayed("kafka:c:leadline.booking.v1:2:7", recorded_at=sent, **place)
    assert (feed.streamed_total, feed.imported_total) == (1, 0)
    assert (event.recorded_at, event.partition, event.offset) == (sent, 2, 7)
