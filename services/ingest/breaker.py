"""Too many bad records are a bad deploy, not bad data: then intake of a topic stops. Pure."""

from __future__ import annotations

from collections import deque

WINDOW = 10_000
MAX_BAD_RATIO = 0.10
MAX_IN_A_ROW = 100
MIN_KEYS = 2  # one broken account must not stop all others


class Breaker:
    """Watches the outcomes of one topic in one process."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=WINDOW)
        self._bad = 0
        self._row = 0
        self._row_keys: set[bytes | None] = set()

    def observe(self, *, bad: bool, key: bytes | None) -> str | None:
        """Count one record; return why intake must stop, or None."""
        if len(self._recent) == WINDOW:
            self._bad -= self._recent[0]
        self._recent.append(bad)
        self._bad += bad
        if not bad:
            self._row = 0
            self._row_keys.clear()
            return None
        self._row += 1
        if len(self._row_keys) < MIN_KEYS:
            self._row_keys.add(key)
        if self._row >= MAX_IN_A_ROW and len(self._row_keys) >= MIN_KEYS:
            return f"{self._row} dead letters in a row"
        if len(self._recent) == WINDOW and self._bad > WINDOW * MAX_BAD_RATIO:
            return f"{self._bad} dead letters among the last {WINDOW} records"
        return None
