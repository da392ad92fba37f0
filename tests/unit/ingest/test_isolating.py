import psycopg
import pytest

from services.ingest.batch import Batch, DeadLetter, FencedError, Intake, PlacedFact
from services.ingest.decode import decode
from services.ingest.store.bulk import DuplicateRowError
from services.ingest.store.isolating import write_storable
from tests.support.cloudevents import booking

NOW = 1_790_000_000_000_000
GOOD, BAD = (
    PlacedFact(decode(booking(ref), (), key=None, topic=None, recorded_default=None, now=NOW))
    for ref in ("B1", "B2")
)


class Writer:
    """Refuses whole batches that hold the bad fact; fails otherwise as it is told to."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.tried, self.stored = [], []

    def write(self, batch):
        if self.errors and (error := self.errors.pop(0)):
            raise error
        if BAD in batch.facts:
            raise psycopg.DataError("no such character")
        self.stored.append(list(batch.facts))
        return "written"

    def try_out(self, _batch, placed):
        self.tried.append(placed)
        return "no such character" if placed is BAD else None


def letter_of(_placed, why):
    return DeadLetter("o", None, None, None, None, b"{", (), why.reason, why.detail, None)


def batch_of(*facts):
    return Batch(Intake.HTTP, NOW, facts=list(facts), letter_of=letter_of)


def test_a_fact_that_cannot_be_stored_is_set_aside_and_the_rest_written():
    writer, batch = Writer(), batch_of(GOOD, BAD)

    assert write_storable(writer, batch) == "written"

    assert writer.stored == [[GOOD]]
    assert [letter.reason for letter in batch.dead_letters] == ["not_storable"]


@pytest.mark.parametrize(
    "error", [FencedError([]), DuplicateRowError(), psycopg.OperationalError("away")]
)
def test_what_is_no_fault_of_a_fact_is_raised_and_no_fact_suspected(error):
    writer = Writer(error)

    with pytest.raises(type(error)):
        write_storable(writer, batch_of(GOOD, BAD))

    assert writer.tried == []


def test_a_batch_without_facts_has_none_to_set_aside():
    writer = Writer(psycopg.DataError("a letter too long"))

    with pytest.raises(psycopg.DataError):
        write_storable(writer, batch_of())


def test_the_batch_is_tried_again_as_it_is_when_the_database_goes_away_after_setting_aside():
    writer, batch = Writer(None, psycopg.OperationalError("away")), batch_of(GOOD, BAD)
    with pytest.raises(psycopg.OperationalError):
        write_storable(writer, batch)

    assert write_storable(writer, batch) == "written"

    assert (writer.stored, len(batch.dead_letters), len(writer.tried)) == ([[GOOD]], 1, 2)
