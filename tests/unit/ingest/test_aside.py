from itertools import islice

from services.ingest.aside import set_aside
from services.ingest.batch import Batch, DeadLetter, Intake, PartitionSlice, PlacedFact
from services.ingest.decode import decode
from services.ingest.patience import pauses
from shared.contracts.file_rows import file_headers
from tests.support.cloudevents import booking, event

NOW = 1_790_000_000_000_000
BOOKINGS = PartitionSlice("c1", "leadline.booking.v1", 3, 20, 22, 2, None, "d")
CONTACTS = PartitionSlice("c1", "leadline.touchpoint.v1", 1, 5, 6, 1, None, "e")


def fact(value):
    return decode(value, (), key=None, topic=None, recorded_default=17, now=NOW)


GOOD, BAD = fact(booking("B1")), fact(booking("B2"))


def fault_of(placed):
    return "x" * 400 if placed.fact is BAD else None


def test_only_what_cannot_be_stored_alone_becomes_a_letter_beside_those_that_are_there():
    earlier = DeadLetter("o", None, None, None, None, b"{", (), "not_json", "", None)
    batch = Batch(
        Intake.KAFKA, NOW, [PlacedFact(GOOD, 3, 20), PlacedFact(BAD, 3, 21)], [earlier],
        [CONTACTS, BOOKINGS],
    )  # fmt: skip

    set_aside(batch, fault_of)

    assert batch.facts == [PlacedFact(GOOD, 3, 20)]
    assert batch.dead_letters == [
        earlier,
        DeadLetter(
            "kafka:c1:leadline.booking.v1:3:21", "leadline.booking.v1", 3, 21, b"ACC-1", BAD.data,
            (), "not_storable", "x" * 300, 17,
        ),
    ]  # fmt: skip


def test_a_fact_without_a_log_is_named_by_its_source_and_id():
    batch = Batch(Intake.HTTP, NOW, [PlacedFact(BAD)])

    set_aside(batch, fault_of)

    (letter,) = batch.dead_letters
    assert letter.origin == "http:/tms/hph-1:B2-confirmed"
    assert (letter.topic, letter.partition, letter.offset) == (None, None, None)


def test_a_fact_of_a_file_says_where_in_it_it_stood():
    place = "may.csv:17"
    batch = Batch(
        Intake.IMPORT, NOW, [PlacedFact(BAD)], places={("/tms/hph-1", "B2-confirmed"): place}
    )

    set_aside(batch, fault_of)

    assert batch.dead_letters[0].headers == file_headers(place) != ()


def test_a_fact_whose_topic_has_no_slice_is_named_so_too():
    contact = fact(event("touchpoint", {"ref": "T1", "phase": "held"}, id="t1"))
    batch = Batch(Intake.KAFKA, NOW, [PlacedFact(contact, 3, 21)], slices=[BOOKINGS])

    set_aside(batch, lambda placed: "cannot")

    assert batch.dead_letters[0].origin == "kafka:/tms/hph-1:t1"
    assert batch.dead_letters[0].topic is None


def test_pauses_grow_to_two_seconds_and_never_end():
    assert list(islice(pauses(), 7)) == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
