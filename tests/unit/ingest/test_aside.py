from itertools import islice

from services.ingest.aside import set_aside
from services.ingest.batch import Batch, DeadLetter, Intake, PlacedFact
from services.ingest.decode import Rejection, decode
from services.ingest.patience import pauses
from tests.support.cloudevents import booking

NOW = 1_790_000_000_000_000


def fact(value):
    return decode(value, (), key=None, topic=None, recorded_default=17, now=NOW)


GOOD, BAD = fact(booking("B1")), fact(booking("B2"))


def letter(text):
    return DeadLetter("o", None, None, None, None, b"{", (), text, "", None)


def test_only_what_cannot_be_stored_alone_becomes_a_letter_beside_those_that_are_there():
    batch = Batch(
        Intake.KAFKA, NOW, [PlacedFact(GOOD, 3, 20), PlacedFact(BAD, 3, 21)], [letter("a")]
    )
    asked = []

    def letter_of(placed, why):
        asked.append((placed, why))
        return letter("b")

    set_aside(batch, letter_of, lambda placed: "x\0" * 400 if placed.fact is BAD else None)

    assert batch.facts == [PlacedFact(GOOD, 3, 20)]
    assert batch.dead_letters == [letter("a"), letter("b")]
    ((placed, why),) = asked
    assert placed == PlacedFact(BAD, 3, 21)
    assert why == Rejection(
        "not_storable", ("x\N{REPLACEMENT CHARACTER}" * 150)[:299] + "\N{HORIZONTAL ELLIPSIS}"
    )


def test_pauses_grow_to_two_seconds_and_never_end():
    assert list(islice(pauses(), 7)) == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
