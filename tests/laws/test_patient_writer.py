"""What the writer does with a database that fails, and with a fact that it cannot hold."""

from contextlib import contextmanager
from threading import Event, Thread

import msgspec
import psycopg
import pytest
from sqlalchemy import text

from services.ingest.batch import (
    Batch,
    DeadLetter,
    FencedError,
    Intake,
    Outcome,
    PartitionSlice,
    PlacedFact,
)
from services.ingest.decode import decode
from services.ingest.patience import GivenUpError
from services.ingest.store import offsets
from services.ingest.store.bulk import bulk_of
from services.ingest.store.patient import PatientWriter
from shared.store.session import Database
from tests.support.cloudevents import booking

NOW = 1_790_000_000_000_000
TOPIC = "leadline.booking.v1"


def fact(ref, **options):
    return decode(booking(ref, **options), (), key=None, topic=None, recorded_default=None, now=NOW)


def part(expected, following):
    return PartitionSlice("c1", TOPIC, 0, expected, following, following - expected, None, "d")


def begin(database, at=0):
    with database.write() as connection:
        offsets.locate(bulk_of(connection), "c1", TOPIC, 0, first=at, at=NOW)


def count(database, what):
    with database.read() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {what}"))


def next_offset(database):
    with database.read() as connection:
        return connection.scalar(
            text("SELECT next_offset FROM consumer_offset WHERE partition = 0")
        )


@pytest.mark.postgres
def test_a_fact_that_the_database_cannot_hold_is_set_aside_and_the_rest_is_stored(postgres_url):
    database = Database(postgres_url)
    bad = fact("B2")
    bad.series = bad.series._replace(origin="VN\0HPH")  # suppose decoding had let it pass
    batch = Batch(
        Intake.HTTP, NOW, facts=[PlacedFact(fact("B1")), PlacedFact(bad), PlacedFact(fact("B3"))],
        letter_of=lambda _, why: DeadLetter("o", None, None, None, None, b"", (), *why, None),
    )  # fmt: skip

    PatientWriter(database).write(batch)

    assert count(database, "event") == 2
    assert count(database, "dead_letter WHERE reason = 'not_storable'") == 1
    database.close()


def test_a_batch_whose_partition_was_moved_on_by_another_process_is_fenced(database):
    begin(database)
    writer = PatientWriter(database)
    writer.write(Batch(Intake.KAFKA, NOW, facts=[PlacedFact(fact("B1"))], slices=[part(0, 1)]))

    zombie = PatientWriter(database)
    with pytest.raises(FencedError):
        zombie.write(Batch(Intake.KAFKA, NOW, facts=[PlacedFact(fact("B9"))], slices=[part(0, 5)]))

    assert (count(database, "event"), next_offset(database)) == (1, 1)


def test_a_commit_that_worked_unheard_is_recognised_when_the_batch_is_tried_again(database):
    begin(database)
    writer = PatientWriter(database)
    batch = Batch(Intake.KAFKA, NOW, facts=[PlacedFact(fact("B1"))], slices=[part(0, 1)])
    assert writer.write(batch).outcomes == [Outcome.APPLIED]

    again = writer.write(batch)

    assert again.already_done
    assert count(database, "event") == 1


def test_offsets_and_facts_go_together_or_not_at_all(database):
    begin(database)
    writer = PatientWriter(database)
    good, stale = part(0, 1), replace_partition(part(7, 9), 1)

    with pytest.raises(FencedError):
        writer.write(Batch(Intake.KAFKA, NOW, facts=[PlacedFact(fact("B1"))], slices=[good, stale]))

    assert (count(database, "event"), next_offset(database)) == (0, 0)


def test_a_batch_of_which_others_wrote_one_partition_does_not_lose_the_rest(database):
    begin(database)
    begin_other(database)
    mine, theirs = part(0, 1), replace_partition(part(0, 1), 1)
    batch = Batch(Intake.KAFKA, NOW, facts=[PlacedFact(fact("B1"))], slices=[mine, theirs])
    batch.attempted = True  # its COMMIT failed, and a rebalance gave partition 1 to somebody else
    PatientWriter(database).write(
        Batch(Intake.KAFKA, NOW, facts=[PlacedFact(fact("B2"))], slices=[theirs])
    )

    with pytest.raises(FencedError) as fenced:
        PatientWriter(database).write(batch)

    assert fenced.value.places == [(TOPIC, 1)]
    assert (count(database, "event"), next_offset(database)) == (1, 0)


def test_threads_that_share_a_writer_lose_nothing_when_a_commit_of_one_of_them_fails(database):
    """Else one's commit lets the other's rolled-back row ids count: facts of no account."""
    cut = CutOnce(database)
    writer = PatientWriter(cut)

    def write(ref):
        facts = [PlacedFact(fact(ref, account=ref, source=f"urn:tms:{ref}"))]  # share no row
        writer.write(Batch(Intake.HTTP, NOW, facts=facts))

    first = Thread(target=write, args=["B1"])
    first.start()
    assert cut.about_to_commit.wait(10)
    second = Thread(target=lambda: (write("B2"), cut.other_is_done.set()))
    second.start()
    first.join(10)
    second.join(10)

    assert count(database, "event e JOIN account a ON a.id = e.account_id") == 2


def test_what_a_batch_that_failed_had_noted_of_a_feed_is_noted_when_it_comes_again(database):
    def sent(ref, account, source):
        placed = PlacedFact(fact(ref, account=account, source=source))
        return Batch(Intake.HTTP, NOW, facts=[placed])

    known = sent("B1", "ACC-1", "urn:a"), sent("B2", "ACC-2", "urn:a"), sent("B3", "ACC-1", "urn:b")
    for batch in known:
        PatientWriter(database).write(batch)
    late, writer = sent("B4", "ACC-2", "urn:b"), PatientWriter(CutOnce(database))
    writer.give_up()
    with pytest.raises(GivenUpError):
        writer.write(late)

    writer.write(known[0])  # a repeat: it commits, and says nothing of a feed
    writer.write(late)

    assert count(database, "feed_account") == 4


class CutOnce:
    """A database whose first commit fails, after another thread had time to write."""

    def __init__(self, database):
        self._database = database
        self._cut = False
        self.about_to_commit, self.other_is_done = Event(), Event()

    @contextmanager
    def write(self):
        with self._database.write() as connection:
            yield connection
            if not self._cut:
                self._cut = True
                self.about_to_commit.set()
                self.other_is_done.wait(0.5)
                raise psycopg.OperationalError("canceling statement due to user request")


def begin_other(database):
    with database.write() as connection:
        offsets.locate(bulk_of(connection), "c1", TOPIC, 1, first=0, at=NOW)


def replace_partition(given, partition):
    return given._replace(partition=partition)


def test_passing_faults_are_waited_for_and_others_are_not():
    writer = PatientWriter.__new__(PatientWriter)
    writer._stop = Stopped(after=2)
    calls = []

    def away():
        calls.append(1)
        raise psycopg.OperationalError("server closed the connection")

    with pytest.raises(GivenUpError):
        writer.patiently(away)
    assert len(calls) == 3

    with pytest.raises(msgspec.DecodeError):
        writer.patiently(lambda: msgspec.json.decode(b"{"))


class Stopped:
    """Lets so many waits pass, without waiting, and then asks to stop."""

    def __init__(self, after):
        self.left = after

    def wait(self, seconds):
        self.left -= 1
        return self.left < 0
