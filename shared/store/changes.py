"""The stored changes of many events at once, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from shared.domain.changes import COUNTS, SIZE, SUMS, TEU

CHANGE = np.dtype(
    [
        ("series_id", "<i4"),
        ("day", "<i4"),
        *((name, "<i2") for name in SUMS[:COUNTS]),
        *((name, "<i1") for name in SUMS[COUNTS:TEU]),
        *((name, "<i8") for name in SUMS[TEU:]),
    ]
)
"""`shared.domain.changes.LAYOUT` as a record; a test compares the two."""


def read_changes(blobs: Sequence[bytes | None]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]]:
    """Return every change, shape (m,) of `CHANGE`, and the index of the blob of each, shape (m,).

    The changes follow the order of the blobs; None holds none.
    """
    packed = [blob or b"" for blob in blobs]
    changes = np.frombuffer(b"".join(packed), dtype=CHANGE)
    lengths = np.fromiter(map(len, packed), dtype=np.int64, count=len(packed)) // SIZE
    return changes, np.repeat(np.arange(len(packed)), lengths)
