"""Looks at what lies around a position: the log's end, and where the database stands. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from shared.kafka.positions import Place, Positions, Seek

TAIL_SECONDS = 10.0


class Tail(NamedTuple):
    """Records that are in the log, come next, and do not come."""

    expected: int
    since: float
    asked: int | None = None  # the log's end when they were asked for again


class Watch:
    """Notices what a client that hands out nothing does not tell."""

    def __init__(self, positions: Positions) -> None:
        self._positions = positions
        self._epoch = positions.epoch
        self._tails: dict[Place, Tail] = {}
        self._strange: dict[Place, int] = {}  # an offset that we cannot have written

    def measured(
        self, asked: Mapping[Place, int], ends: Mapping[Place, int], now: float
    ) -> list[Seek]:
        """Look at the logs' ends; `asked` holds the positions before they were asked for.

        A tail that does not come is asked for again, as the client may have skipped it in
        silence; once for each end, as a transaction marker there never comes. Raises
        `LogLostError` when a log ends before what was applied.
        """
        self._forget()
        seeks = []
        for place, end in ends.items():
            expected = self._positions.expected(place)
            if expected is None or place in self._positions.waiting:
                continue
            if end < asked[place] and expected == asked[place]:
                self._positions.look_again(place, expected)
            if expected >= end:
                continue
            tail = self._tails.get(place)
            if tail is None or tail.expected != expected:
                self._tails[place] = Tail(expected, now)
            elif now - tail.since >= TAIL_SECONDS and tail.asked != end:
                self._tails[place] = Tail(expected, now, asked=end)
                seeks.append(Seek(place, self._positions.start(place, expected)))
        return seeks

    def read_up(self, places: Iterable[Place]) -> None:
        """Look again where the client has read on to the log's end without the record to compare.

        It was applied, so it is no transaction's marker. Raises `LogLostError` when it does not
        come again either: the topic was made again, and holds a marker in its place.
        """
        for place in places:
            expected = self._positions.expected(place)
            if expected is not None and self._positions.start(place, expected) < expected:
                self._positions.look_again(place, expected - 1)

    def observed(self, stands: Mapping[Place, int]) -> list[Place]:
        """Locate again what another process has moved on or back; return those.

        The same must be seen twice: a look may be older than our own last write.
        """
        self._forget()
        moved = []
        committed = self._positions.committed()
        for place, stand in stands.items():
            known, following = committed.get(place), self._positions.expected(place)
            if known is None or following is None or known <= stand <= following:
                self._strange.pop(place, None)
            elif self._strange.get(place) != stand:
                self._strange[place] = stand
            else:
                del self._strange[place]
                self._positions.lost(place, self._positions.epoch)
                moved.append(place)
        return moved

    def _forget(self) -> None:
        """Forget what was seen before a rebalance."""
        if self._epoch != self._positions.epoch:
            self._epoch = self._positions.epoch
            self._tails.clear()
            self._strange.clear()
