"""Notices a client that hands out nothing although records wait for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from shared.kafka.positions import Place

WEDGED_SECONDS = 45.0
"""Beyond the client's own time limit of a request (40 s): a fetch that is merely slow has ended."""


class WedgedError(Exception):
    """The client has stopped fetching, and says nothing of it: it is to be replaced."""


class Hunger:
    """How long nothing has moved anywhere while the client was behind the log's end.

    One partition may have to wait for others; when none gets anything, fetching has ended.
    """

    def __init__(self) -> None:
        self._waiting: dict[Place, int] = {}
        self._since: float | None = None

    def looked(self, waiting: Mapping[Place, int], now: float) -> None:
        """Take note of the partitions in whose logs there is more, and where each stands."""
        moved = any(self._waiting.get(place) != at for place, at in waiting.items())
        if not waiting:
            self._since = None
        elif moved or self._since is None:
            self._since = now
        self._waiting = dict(waiting)

    def lasts(self, now: float) -> float:
        """Return for how many seconds records have waited in vain."""
        return 0.0 if self._since is None else now - self._since
