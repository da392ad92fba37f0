"""What the consumer may apply: the decisions, without a client or a database.

The database's offset is the only truth. A partition is *located* when its offset was read from
there and no rebalance came between; records of any other partition are dropped. Compare-and-set
stops repeats and zombies, but not skips, so a gap before a batch is distrusted once.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import NamedTuple


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int


class Verdict(Enum):
    """What to do with records handed out by the client."""

    DROP = auto()  # not located, or nothing new
    TAKE = auto()
    SEEK = auto()  # something was skipped: ask again from the expected offset


class Positions:
    """Where this process stands in each partition that it owns."""

    def __init__(self) -> None:
        self.epoch = 0
        self.pending: set[Place] = set()
        self.gaps_total = 0
        self._next: dict[Place, int] = {}
        self._distrusted: dict[Place, tuple[int, int]] = {}

    def revoked(self) -> None:
        """Forget everything: every rebalance revokes all partitions of a classic group."""
        self._next.clear()
        self.pending.clear()
        self.epoch += 1

    def assigned(self, places: Iterable[Place]) -> None:
        """Remember what has to be located."""
        self.pending = set(places)

    def located(self, place: Place, next_offset: int, epoch: int) -> bool:
        """Take the database's offset; False when a rebalance came between."""
        if epoch != self.epoch or place not in self.pending:
            return False
        self.pending.discard(place)
        self._next[place] = next_offset
        return True

    def expected(self, place: Place) -> int | None:
        """Return the next offset to apply, or None while not located."""
        return self._next.get(place)

    def judge(self, place: Place, first: int, last: int) -> Verdict:
        """Decide on records from offset `first` to `last` of a partition."""
        expected = self._next.get(place)
        if expected is None or last < expected:
            return Verdict.DROP
        if first <= expected:
            # Without this line an old distrust would let the next real gap pass.
            self._distrusted.pop(place, None)
            return Verdict.TAKE
        gap = (expected, first)
        if self._distrusted.get(place) == gap:
            return Verdict.TAKE  # a transaction marker or compaction: nothing is there to read
        self._distrusted[place] = gap
        self.gaps_total += 1
        return Verdict.SEEK

    def taken(self, place: Place, following: int) -> None:
        """Move on; what was taken is being written."""
        self._next[place] = following

    def lost(self, place: Place, epoch: int) -> None:
        """Locate the partition again: its write was fenced or given up."""
        if epoch == self.epoch and self._next.pop(place, None) is not None:
            self.pending.add(place)

    def snapshot(self) -> dict[Place, int]:
        """Return the located partitions and their next offsets."""
        return dict(self._next)
