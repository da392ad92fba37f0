import json
from typing import NamedTuple

import pytest

from services.ingest import breaker as breakers
from services.ingest.batch import DeadLetter, PartitionSlice
from services.ingest.breaker import Breaker
from services.ingest.decode import Rejection
from services.ingest.portion import decoded, joined, letter_of
from shared.kafka.positions import Place, record_digest
from tests.support.cloudevents import START, booking, days, event

PLACE = Place("leadline.booking.v1", 3)
ACCOUNTS = Place("leadline.account.v1", 0)
NOW = 1_790_000_000_000_000
MICROS = int(START.timestamp()) * 1_000_000


class Record(NamedTuple):
    offset: int
    value: bytes
    key: bytes = b"ACC-1"
    topic: str = PLACE.topic
    partition: int = PLACE.partition
    headers: tuple = (("trace", b"t1"),)
    timestamp: int = 1_772_000_000_000


def decode(*records, place=PLACE, expected=20, breaker=None):
    return decoded(records, place, expected, cluster_id="c1", now=NOW, breaker=breaker)


def test_good_records_become_facts_with_their_place():
    portion = decode(Record(21, booking("B1")), Record(22, booking("B2", at=START + days(1))))

    assert [(p.fact.id, p.partition, p.offset) for p in portion.facts] == [
        ("B1-confirmed", 3, 21), ("B2-confirmed", 3, 22),
    ]  # fmt: skip
    assert portion.dead_letters == []
    assert (portion.place, portion.following, portion.tripped) == (PLACE, 23, None)
    assert portion.last_timestamp == 1_772_000_000_000


def test_an_event_may_have_its_envelope_in_the_headers():
    envelope = json.loads(booking("B1"))
    data = json.dumps(envelope.pop("data")).encode()
    kind = envelope.pop("datacontenttype")
    headers = (("content-type", kind.encode()),
               *((f"ce_{name}", value.encode()) for name, value in envelope.items()))  # fmt: skip

    portion = decode(Record(21, data, headers=headers))

    assert [placed.fact.id for placed in portion.facts] == ["B1-confirmed"]


def test_the_slice_says_where_the_offset_moves_and_what_is_compared_next_time():
    last = Record(22, booking("B2"), timestamp=1_772_000_000_001)

    portion = decode(Record(21, b"{"), last)

    assert portion.slice == PartitionSlice(
        "c1", PLACE.topic, 3, 20, 23, 2, MICROS,
        record_digest(last.value, last.key, last.timestamp),
    )  # fmt: skip


def test_the_newest_event_time_counts_whatever_the_order():
    late, early = booking("B1", at=START + days(2)), booking("B2")

    assert decode(Record(1, late), Record(2, early)).slice.max_event_time == (
        MICROS + 2 * 86_400_000_000
    )
    assert decode(Record(1, early), Record(2, late)).slice.max_event_time == (
        MICROS + 2 * 86_400_000_000
    )


def test_account_events_do_not_move_the_watermark():
    value = event("account", {"name": "Saigon Fish"}, id="a1")
    record = Record(0, value, topic=ACCOUNTS.topic, partition=0)

    portion = decode(record, place=ACCOUNTS, expected=0)

    assert len(portion.facts) == 1
    assert portion.slice.max_event_time is None


def test_a_bad_record_becomes_a_letter_with_everything_it_held():
    letter = decode(Record(21, b"{", key=b"k")).dead_letters[0]

    assert letter.origin == "kafka:c1:leadline.booking.v1:3:21"
    assert (letter.topic, letter.partition, letter.offset) == (PLACE.topic, 3, 21)
    assert (letter.key, letter.value, letter.headers) == (b"k", b"{", (("trace", b"t1"),))
    assert letter.reason == "not_json"
    assert letter.detail
    assert letter.recorded_at == 1_772_000_000_000_000


def test_a_record_without_a_time_of_its_own_was_recorded_when_the_broker_took_it():
    assert decode(Record(21, booking("B1"))).facts[0].fact.recorded == 1_772_000_000_000_000


def test_a_key_that_is_not_the_subject_is_a_letter():
    portion = decode(Record(21, booking("B1"), key=b"OTHER"))

    assert [letter.reason for letter in portion.dead_letters] == ["key_mismatch"]


def test_a_type_that_is_not_the_topics_is_a_letter():
    portion = decode(Record(21, event("touchpoint", {"ref": "T", "phase": "held"}, id="t")))

    assert [letter.reason for letter in portion.dead_letters] == ["topic_mismatch"]


def test_an_event_from_the_future_is_a_letter():
    portion = decode(Record(21, booking("B1", at=START + days(400))))

    assert len(portion.dead_letters) == 1


@pytest.fixture
def breaker(monkeypatch):
    monkeypatch.setattr(breakers, "MAX_IN_A_ROW", 3)
    return Breaker()


def test_the_record_that_opens_the_breaker_is_the_last_one_taken(breaker):
    bad = [Record(20 + n, b"{", key=b"k%d" % (n % 2), timestamp=n) for n in range(5)]

    portion = decode(*bad, breaker=breaker)

    assert portion.tripped == "3 dead letters in a row"
    assert [letter.offset for letter in portion.dead_letters] == [20, 21, 22]
    assert (portion.following, portion.last_timestamp, portion.slice.records) == (23, 2, 3)


def test_good_records_are_counted_by_the_breaker_too(breaker):
    records = [Record(20, b"{", key=b"a"), Record(21, b"{", key=b"b"), Record(22, booking("B1"))]

    assert decode(*records, Record(23, b"{"), breaker=breaker).tripped is None


class Counting(Breaker):
    """A breaker that remembers in which order it was told of how many."""

    def __init__(self):
        super().__init__()
        self.told = []

    def passed(self, records=1):
        self.told.append(records)

    def failed(self, key):
        self.told.append(key)


def test_the_breaker_hears_of_each_record_once_and_in_order():
    good = [Record(20 + n, booking(f"B{n}")) for n in range(6)]
    breaker = Counting()

    decode(*good[:3], Record(23, b"{", key=b"a"), good[4], Record(25, b"{", key=b"b"), *good[:2],
           breaker=breaker)  # fmt: skip

    assert breaker.told == [3, b"a", 1, b"b", 2]


def test_without_a_breaker_everything_is_taken(breaker):
    bad = [Record(20 + n, b"{", key=b"k%d" % (n % 2)) for n in range(5)]

    assert len(decode(*bad).dead_letters) == 5


def test_portions_of_one_partition_move_its_offset_once():
    first = decode(Record(21, booking("B1", at=START + days(1))), Record(22, b"{"))
    second = decode(Record(23, booking("B2")), expected=23)
    other = decode(Record(7, b"{"), place=ACCOUNTS, expected=7)

    assert joined([first, other, second]) == [
        second.slice._replace(expected=20, records=3, max_event_time=MICROS + 86_400_000_000),
        other.slice,
    ]


def test_a_portion_without_facts_leaves_the_newest_time_of_its_neighbour():
    empty = decode(Record(21, b"{"))
    dated = decode(Record(22, booking("B1")), expected=22)

    assert joined([empty, dated])[0].max_event_time == MICROS
    assert joined([empty, empty])[0].max_event_time is None


DEC_2026 = 1_796_000_000_000  # after NOW, in milliseconds


@pytest.mark.parametrize(
    "timestamp", [-1, -(1 << 63), 1_772_000_000_000_000, (1 << 63) - 1, DEC_2026]
)
@pytest.mark.parametrize("value", [booking("B1"), b"{"])
def test_what_a_record_without_a_time_or_of_a_wrong_clock_says_was_recorded_now(timestamp, value):
    portion = decode(Record(21, value, timestamp=timestamp))

    recorded = [placed.fact.recorded for placed in portion.facts]
    assert recorded + [letter.recorded_at for letter in portion.dead_letters] == [NOW]
    assert portion.last_timestamp == NOW // 1000
    assert portion.slice.last_digest == record_digest(value, b"ACC-1", timestamp)


@pytest.mark.parametrize("ahead_ms", [0, 300_000])
def test_a_brokers_clock_may_be_five_minutes_ahead_of_ours(ahead_ms):
    timestamp = NOW // 1000 + ahead_ms

    (placed,) = decode(Record(21, booking("B1"), timestamp=timestamp)).facts

    assert placed.fact.recorded == timestamp * 1000


def test_a_fact_that_cannot_be_stored_gives_its_record_back_whole():
    first = decode(Record(21, booking("B1")), Record(23, booking("B2"), key=None))
    second = decode(Record(24, booking("B3")), expected=24)
    twin = decode(Record(23, booking("B4")), place=Place(PLACE.topic, 4))

    letter = letter_of([twin, second, first], first.facts[1], Rejection("not_storable", "why"))

    assert letter == DeadLetter(
        "kafka:c1:leadline.booking.v1:3:23", PLACE.topic, 3, 23, None, booking("B2"),
        (("trace", b"t1"),), "not_storable", "why", 1_772_000_000_000_000,
    )  # fmt: skip
