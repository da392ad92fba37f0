"""A dead letter that is given up stays, with who, when and why, and waits no more."""

import pytest

from services.api.queries.status import dead_letters_pending
from services.ingest.discard import Discard, discard
from services.ingest.replay import DeadLetterReplay
from shared.store.tables import DeadLetterRow
from tests.support.cloudevents import booking
from tests.support.factories import NOW, Factory, FixedClock

WHY = Discard("kim", "a test of the link", NOW)


@pytest.fixture
def make(database):
    return Factory(database)


def letter(database, number):
    with database.read() as connection:
        table = DeadLetterRow.__table__
        return connection.execute(table.select().where(table.c.id == number)).one()


def test_what_is_given_up_is_kept_and_counts_no_more(database, make):
    number, other = make.dead_letter(), make.dead_letter(origin="http:2")
    assert discard(database, number, WHY)
    kept = letter(database, number)
    assert (kept.discarded_by, kept.discarded_reason, kept.discarded_at) == WHY
    assert kept.value == b"nonsense"
    with database.read() as connection:
        assert dead_letters_pending(connection) == 1
    assert list(DeadLetterReplay(database, FixedClock()).pending()) == [other]


def test_who_gave_it_up_first_is_remembered(database, make):
    number = make.dead_letter()
    discard(database, number, WHY)
    assert not discard(database, number, WHY._replace(by="lan"))
    assert letter(database, number).discarded_by == "kim"


def test_only_what_waits_can_be_given_up(database, make):
    accepted = make.dead_letter(replayed_at=NOW)
    with pytest.raises(ValueError, match="was accepted"):
        discard(database, accepted, WHY)
    with pytest.raises(LookupError, match="no dead letter 99"):
        discard(database, 99, WHY)


def test_one_that_is_replayed_all_the_same_says_that_it_was_given_up(database, make):
    number = make.dead_letter(value=booking("B1"))
    discard(database, number, WHY)
    replayed = DeadLetterReplay(database, FixedClock()).replay(number)
    assert replayed.status == "accepted"
    assert "by kim (a test of the link); it counts all the same" in replayed.detail
