import random

import numpy as np
import pytest

from shared.domain.changes import SIZE, SUMS, pack_change, unpack_changes
from shared.store.changes import CHANGE, read_changes


def test_changes_read_as_arrays_are_those_read_one_by_one():
    rng = random.Random(7)
    changes = [
        (rng.getrandbits(31), rng.getrandbits(20), [rng.getrandbits(15) - 2**14] * 7 + [-128, 127]
         + [rng.getrandbits(62) - 2**61 for _ in range(6)])
        for _ in range(6)
    ]  # fmt: skip
    packed = [pack_change(*change) for change in changes]
    blobs = [packed[0] + packed[1], None, b"", packed[2], packed[3] + packed[4] + packed[5]]

    read, blob_of = read_changes(blobs)

    assert CHANGE.itemsize == SIZE
    assert blob_of.tolist() == [0, 0, 3, 4, 4, 4]
    one_by_one = [change for blob in blobs if blob for change in unpack_changes(blob)]
    for row, change in zip(read, one_by_one, strict=True):
        assert (row["series_id"], row["day"]) == (change.series_id, change.day)
        assert [int(row[name]) for name in SUMS] == list(change.sums)


def test_no_changes_are_empty_arrays():
    read, blob_of = read_changes([])

    assert read.shape == blob_of.shape == (0,)
    assert np.add.reduce(read["business"]) == 0


def test_a_number_that_does_not_fit_is_said_not_cut():
    sums = [2**15, *[0] * 14]

    with pytest.raises(OverflowError, match="series 3, day 20000"):
        pack_change(3, 20_000, sums)
