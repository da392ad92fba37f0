"""What a group member does with what its client hands out: the decisions, pure.

The database's offset is the only truth. A partition is *located* when its offset was read from
there and no rebalance came between; records of any other partition are dropped. Compare-and-set
stops repeats and zombies, but not skips, so a gap before a batch is distrusted once. The record
before the first new one is compared with the one applied in its time: a topic that was made
again holds another one there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto
from hashlib import blake2b
from typing import NamedTuple


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        """Return it as messages name it."""
        return f"{self.topic}[{self.partition}]"


class Stand(NamedTuple):
    """Where the database stands in a partition."""

    next_offset: int
    last_digest: str | None = None  # of the record before; None when nothing was applied


class Seek(NamedTuple):
    """Where the client is to read on."""

    place: Place
    offset: int


class Action(Enum):
    """What to do with records handed out by the client."""

    DROP = auto()  # not located, or nothing new
    TAKE = auto()  # those from the offset on
    SEEK = auto()  # something was skipped: ask again from the offset


class Verdict(NamedTuple):
    """An action, and the offset that it goes by."""

    action: Action
    offset: int = -1


class Search(NamedTuple):
    """Partitions to look up in the database, and the epoch in which the answer counts."""

    epoch: int
    places: tuple[Place, ...]


class LogLostError(Exception):
    """The log no longer holds what comes next: an operator must decide."""


class Positions:
    """Where this process stands in each partition that it owns."""

    def __init__(self) -> None:
        self.epoch = 0
        self.pending: set[Place] = set()
        self.waiting: set[Place] = set()  # the sink wants nothing of these for now
        self._next: dict[Place, int] = {}
        self._committed: dict[Place, int] = {}  # what the database has; `_next` runs ahead
        self._unverified: dict[Place, str] = {}  # the digest of the record before the next
        self._distrusted: dict[Place, tuple[int, int]] = {}
        self._doubted: dict[Place, int] = {}  # the offset that was out of range

    def revoked(self) -> None:
        """Forget everything: every rebalance revokes all partitions of a classic group."""
        self.epoch += 1
        self._next.clear()
        self._committed.clear()
        self._unverified.clear()
        self._distrusted.clear()
        self._doubted.clear()
        self.pending.clear()
        self.waiting.clear()

    def assigned(self, places: Iterable[Place]) -> None:
        """Remember what has to be located."""
        self.pending = set(places)

    def search(self) -> Search:
        """Return what has to be looked up."""
        return Search(self.epoch, tuple(sorted(self.pending)))

    def found(
        self, search: Search, stands: Mapping[Place, Stand], begins: Mapping[Place, int]
    ) -> list[Seek]:
        """Believe the database's answer, unless a rebalance came between.

        Where the log still holds the record before the next one, reading begins there.
        """
        if search.epoch != self.epoch:
            return []  # these may belong to somebody else by now
        seeks = []
        for place in search.places:
            stand = stands.get(place)
            if stand is None or place not in self.pending:
                continue
            self.pending.discard(place)
            self._next[place] = self._committed[place] = stand.next_offset
            self._unverified.pop(place, None)
            if stand.last_digest is not None and stand.next_offset > begins[place]:
                self._unverified[place] = stand.last_digest
            seeks.append(Seek(place, self.start(place, stand.next_offset)))
        return seeks

    def expected(self, place: Place) -> int | None:
        """Return the next offset to apply, or None while not located."""
        return self._next.get(place)

    def handed(
        self, place: Place, first: int, last: int, digest_at: Callable[[int], str | None]
    ) -> Verdict:
        """Decide on records from offset `first` to `last`; `digest_at` tells what is at one.

        Raises `LogLostError` when the record before them is not the one applied in its time.
        """
        expected = self._next.get(place)
        if expected is None:
            return Verdict(Action.DROP)
        start = self.start(place, expected)
        if last < start:
            return Verdict(Action.DROP)
        if first > start and self._is_distrusted(place, start, first):
            return Verdict(Action.SEEK, start)
        if first <= start:
            # Without this line an old distrust would let the next real gap pass.
            self._distrusted.pop(place, None)
        self._verify(place, start, digest_at)
        if last < expected:
            return Verdict(Action.DROP)  # that was the record before, and no more
        return Verdict(Action.TAKE, expected)

    def taken(self, place: Place, last: int, following: int) -> list[Seek]:
        """Move on to `following`; what was taken is being written.

        `last` was the last offset in hand: where only a part was taken, the rest is read again.
        """
        self._next[place] = following
        return [Seek(place, following)] if following <= last else []

    def refused(self, place: Place) -> list[Seek]:
        """Have the records again later: the sink waits."""
        self.waiting.add(place)
        return [Seek(place, self._next[place])]

    def resumed(self, place: Place) -> None:
        """Note that the sink waits no more."""
        self.waiting.discard(place)

    def out_of_range(self, place: Place, offset: int) -> None:
        """Decide on an offset that the log does not hold; of an old position it means nothing.

        Raises `LogLostError` when it is what comes next, also after another look.
        """
        expected = self._next.get(place)
        if expected is not None and offset == self.start(place, expected):
            self.look_again(place, offset)

    def written(self, followings: Mapping[Place, int], epoch: int) -> None:
        """Note what the database has."""
        if epoch == self.epoch:
            self._committed.update(followings)

    def lost(self, place: Place, epoch: int) -> None:
        """Locate the partition again: its write was fenced or given up."""
        if epoch == self.epoch and self._next.pop(place, None) is not None:
            self.pending.add(place)

    def located(self) -> dict[Place, int]:
        """Return the located partitions with the next offset to apply."""
        return dict(self._next)

    def committed(self) -> dict[Place, int]:
        """Return the next offsets that the database is known to have."""
        return dict(self._committed)

    def look_again(self, place: Place, offset: int) -> None:
        """Locate what the log seems to have lost: others may have moved on, its begin too."""
        if self._doubted.get(place) == offset:
            raise LogLostError(
                f"{place}: offset {offset} is not in the log any more (retention, or the topic was"
                f" made again). Run `leadline topics adopt {place.topic}` to go on with what the"
                " log holds"
            )
        self._doubted[place] = offset
        self.lost(place, self.epoch)

    def start(self, place: Place, expected: int) -> int:
        """Return where the client was told to read: at the record to compare with, if any."""
        return expected - (place in self._unverified)

    def _is_distrusted(self, place: Place, start: int, first: int) -> bool:
        """Tell whether a gap is news; one that stays the same when asked again is real.

        The nearest record seen is what counts: where a marker leaves a gap, a client that skips
        something else each time would never be believed.
        """
        known = self._distrusted.get(place)
        if known is not None and known[0] == start and known[1] <= first:
            return known[1] < first  # the same: a marker or compaction, nothing is there to read
        self._distrusted[place] = (start, first)
        return True

    def _verify(self, place: Place, offset: int, digest_at: Callable[[int], str | None]) -> None:
        applied = self._unverified.pop(place, None)
        if applied is not None and digest_at(offset) != applied:
            raise LogLostError(
                f"{place}: at offset {offset} the log does not hold the record that was applied;"
                f" the topic was made again. Run `leadline topics adopt {place.topic}` to begin it"
                " again"
            )


def record_digest(value: bytes | None, key: bytes | None, timestamp: int) -> str:
    """Identify a record: enough to see that a topic was deleted and made again."""
    digest = blake2b(value or b"", digest_size=12)
    digest.update(b"\0" + (key or b""))
    digest.update(str(timestamp).encode())
    return digest.hexdigest()
