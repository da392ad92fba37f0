import pytest

from services.ingest.batch import FencedError
from services.ingest.moves import Move, is_new


def moved(partition):
    return Move("t", partition, following=9, moved=True)


def stands_at(partition, offset):
    return Move("t", partition, following=9, moved=False, stands=offset)


def fenced(moves, *, attempted):
    with pytest.raises(FencedError) as error:
        is_new(moves, attempted=attempted)
    return error.value.places


def test_a_batch_is_written_when_every_offset_moved():
    assert is_new([moved(0), moved(1)], attempted=False)
    assert is_new([moved(0), moved(1)], attempted=True)
    assert is_new([], attempted=True), "events without a log have no offsets"


def test_a_tried_batch_behind_which_every_partition_stands_was_committed_unheard():
    assert not is_new([stands_at(0, 9), stands_at(1, 9)], attempted=True)


def test_a_batch_that_was_never_tried_is_fenced_even_where_the_offsets_agree():
    assert fenced([stands_at(0, 9)], attempted=False) == [("t", 0)]


def test_a_partition_that_stands_elsewhere_or_nowhere_is_fenced():
    assert fenced([stands_at(0, 7)], attempted=True) == [("t", 0)]
    assert fenced([stands_at(0, 11)], attempted=True) == [("t", 0)]
    assert fenced([stands_at(0, None)], attempted=True) == [("t", 0)]
    assert fenced([stands_at(0, 9), stands_at(1, 11)], attempted=True) == [("t", 0), ("t", 1)]


def test_where_others_wrote_one_partition_the_move_of_the_rest_must_not_be_committed():
    assert fenced([moved(0), stands_at(1, 9)], attempted=True) == [("t", 1)]
    assert fenced([stands_at(0, 9), moved(1)], attempted=True) == [("t", 0)]


def test_the_error_names_the_partitions():
    with pytest.raises(FencedError, match=r"t\[0\], t\[2\] moved on by another process"):
        is_new([stands_at(0, 1), moved(1), stands_at(2, 1)], attempted=False)
