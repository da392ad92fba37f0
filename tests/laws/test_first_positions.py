"""Where a partition begins of which nothing was applied yet."""

from services.ingest.batch import PartitionSlice
from services.ingest.store import offsets
from services.ingest.store.bulk import bulk_of

TOPIC = "leadline.booking.v1"
NOW = 1_790_000_000_000_000


def locate(database, first):
    with database.write() as connection:
        stand = offsets.locate(bulk_of(connection), "c1", TOPIC, 0, first=first, at=NOW)
    return stand.next_offset


def apply_one(database, offset):
    part = PartitionSlice("c1", TOPIC, 0, offset, offset + 1, 1, None, "digest")
    with database.write() as connection:
        offsets.move(bulk_of(connection), [part], at=NOW, attempted=False)


def test_a_topic_that_was_made_again_is_read_from_its_beginning_while_nothing_was_applied(database):
    assert locate(database, first=2) == 2
    assert locate(database, first=0) == 0
    apply_one(database, 0)
    assert locate(database, first=0) == 1


def test_what_was_applied_is_never_read_again_because_a_log_begins_earlier(database):
    locate(database, first=2)
    apply_one(database, 2)

    assert locate(database, first=0) == 3


def test_records_that_are_gone_before_any_was_applied_are_not_passed_over(database):
    locate(database, first=2)

    assert locate(database, first=5) == 2
