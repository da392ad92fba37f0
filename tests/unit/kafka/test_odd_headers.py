"""Records with header names that are no text come as all others do, and each comes once."""

import pytest
from aiokafka.errors import CorruptRecordException
from aiokafka.record import memory_records
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy, _DefaultRecordBatchPy
from aiokafka.structs import TopicPartition

from shared.kafka import odd_headers
from shared.kafka.odd_headers import Batches, CarefulBatch, Records

PLACE = TopicPartition("leadline.booking.v1", 0)
COMMITTED = 1  # isolation level
NAME = "Größe"
TEXT = (("Gr\\xf6\\xdfe", b"1"), ("", None))
GOOD = ((NAME * 30, b""),)


class Latin(str):
    """A name that goes out as a producer in C may send it."""

    __slots__ = ()

    def encode(self, *_):
        return super().encode("latin-1")


def batch(first, odd=(), *, count=4, codec=0, transactional=False):
    """Records from offset `first` on; those at the offsets `odd` have a name that is no text."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, int(transactional), 7, 0, 0, 1 << 20)
    for at in range(count):
        key, value = (b"k" if at % 2 else None), (b"%d" % (first + at) * 100 if at else None)
        headers = ((Latin(NAME), b"1"), ("", None)) if first + at in odd else GOOD
        builder.append(at, 1000 + at, key, value, headers)
    made = builder.build()
    made[0:8] = first.to_bytes(8, "big")  # the broker's part; no checksum goes over it
    return bytes(made)


def fetched(raw, *, begin=0, aborted=()):
    return Records(PLACE, Batches(raw), aborted, begin, None, None, True, COMMITTED)


@pytest.fixture(params=["in C", "in Python"])
def _parser(request, monkeypatch):
    if request.param == "in Python":
        monkeypatch.setattr(odd_headers, "MemoryRecords", memory_records._MemoryRecordsPy)
        monkeypatch.setattr(memory_records, "DefaultRecordBatch", _DefaultRecordBatchPy)


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("codec", range(5), ids=["plain", "gzip", "snappy", "lz4", "zstd"])
@pytest.mark.parametrize("odd", [{0}, {3}, {4, 5}, {1, 7, 8}, set(range(12)), set()], ids=repr)
def test_every_record_comes_once_and_in_order_whichever_has_the_name(codec, odd):
    raw = b"".join(batch(first, odd, codec=codec) for first in (0, 4, 8))

    records = list(fetched(raw))

    expected = [TEXT if at in odd else GOOD for at in range(12)]
    assert [record.offset for record in records] == list(range(12))
    assert [record.headers for record in records] == expected
    assert records[5].value == b"5" * 100


@pytest.mark.usefixtures("_parser")
def test_reading_may_begin_amid_the_batch_and_says_where_the_next_fetch_begins():
    records = fetched(batch(0, {2}) + batch(4), begin=1)

    assert [next(records).offset for _ in range(2)] == [1, 2]
    assert records.next_fetch_offset == 3
    assert [record.offset for record in records] == [3, 4, 5, 6, 7]
    assert records.next_fetch_offset == 8


def test_of_an_aborted_transaction_nothing_is_read_also_behind_an_odd_name():
    raw = batch(0, {1}) + batch(4, {5}, transactional=True) + batch(8, {9})

    records = fetched(raw, aborted=[(7, 4)])

    assert [record.offset for record in records] == [0, 1, 2, 3, 8, 9, 10, 11]


def test_with_care_a_batch_reads_as_without():
    raw = batch(4, codec=1)

    without = list(Batches(raw).next_batch())

    names = ("offset", "timestamp", "timestamp_type", "key", "value", "headers")
    assert [[getattr(one, name) for name in names] for one in CarefulBatch(raw)] == [
        [getattr(one, name) for name in names] for one in without
    ]


def test_a_damaged_batch_is_refused_as_ever():
    raw = bytearray(batch(0, {1}))
    raw[-1] ^= 1

    with pytest.raises(CorruptRecordException):
        list(fetched(bytes(raw)))
