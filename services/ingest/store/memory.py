"""What this process has stored lately: which keys need not be looked for before an insert.

Two Bloom filters in turn (Bloom 1970, doi.org/10.1145/362686.362692). A key that was added may
be stored; of one that was not, only the table's unique index knows. So a batch asks for the keys
that may be there, inserts the rest on trust, and when the index refuses, it is written again with
every key looked for; so are the next ones, since such keys come in company.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

BITS = 26
"""64 Mbit, 8 MiB a filter: at 4 million keys one in 600 asks in vain."""
CAPACITY = 4_000_000
HASHES = 4
DOUBTED_BATCHES = 64
SMALL = 256
"""Below so many keys looking for all of them costs less than a refusal."""

_Bits = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]


class Memory:
    """Keys are 64-bit hashes of any kind; one that was never added may seem known, rarely."""

    def __init__(self) -> None:
        self._recent: _Bits | None = None  # made with the first large batch: HTTP needs none
        self._older: _Bits | None = None
        self._added = 0
        self._doubts = 0

    def trusts(self, keys: int) -> bool:
        """Tell whether a batch of so many keys may be inserted without looking for each."""
        if keys < SMALL:
            return False
        if self._doubts > 0:
            self._doubts -= 1
            return False
        return True

    def refused(self) -> None:
        """Note that a key was stored that we did not know of."""
        self._doubts = DOUBTED_BATCHES

    def maybe(self, keys: Sequence[int]) -> list[int]:
        """Return the places of the keys that may be stored."""
        if self._recent is None:
            return []
        places = _places(keys)
        seen = _all_set(self._recent, places)
        if self._older is not None:
            seen |= _all_set(self._older, places)
        return np.flatnonzero(seen).tolist()

    def add(self, keys: Iterable[int]) -> None:
        """Remember keys that were stored."""
        places = _places(list(keys))
        if self._recent is None or self._added > CAPACITY:
            self._older, self._recent = self._recent, np.zeros(1 << (BITS - 3), dtype=np.uint8)
            self._added = 0
        self._added += places.shape[1]
        _set_all(self._recent, places >> 3, np.left_shift(1, places & 7).astype(np.uint8))


def _places(keys: Sequence[int]) -> _Places:
    """Return (HASHES, n) bit numbers by double hashing of the two halves of each key."""
    whole = np.array(keys, dtype=np.int64).view(np.uint64)
    low, high = whole & np.uint64(0xFFFFFFFF), (whole >> np.uint64(32)) | np.uint64(1)
    steps = np.arange(HASHES, dtype=np.uint64)[:, None]
    return ((low + steps * high) & np.uint64((1 << BITS) - 1)).astype(np.int64)


def _set_all(bits: _Bits, byte: _Places, bit: _Bits) -> None:
    """Set bits; of several in one byte a plain assignment keeps one, so those go one by one."""
    bits[byte] |= bit
    lost = (bits[byte] & bit) == 0
    np.bitwise_or.at(bits, byte[lost], bit[lost])


def _all_set(bits: _Bits, places: _Places) -> npt.NDArray[np.bool_]:
    bit = (bits[places >> 3] >> (places & 7).astype(np.uint8)) & np.uint8(1)
    found: npt.NDArray[np.bool_] = bit.all(axis=0)
    return found
