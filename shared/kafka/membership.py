"""Signs that a group member is not alone under its name; pure."""

from __future__ import annotations

from collections import deque

STORM_REBALANCES = 6
STORM_SECONDS = 60.0


class Membership:
    """What a member sees of its group."""

    def __init__(self) -> None:
        self._rebalances: deque[float] = deque(maxlen=STORM_REBALANCES)

    def rebalanced(self, now: float) -> bool:
        """Note a rebalance; return whether a storm begins with it."""
        before = self.is_storming(now)
        self._rebalances.append(now)
        return self.is_storming(now) and not before

    def is_storming(self, now: float) -> bool:
        """Tell whether rebalances follow each other: as when two processes share one name."""
        full = len(self._rebalances) == STORM_REBALANCES
        return full and now - self._rebalances[0] < STORM_SECONDS
