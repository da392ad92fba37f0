"""Too many bad records are a bad deploy, not bad data: then intake of a topic stops. Pure."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

WINDOW = 10_000
MAX_BAD_RATIO = 0.10
MAX_IN_A_ROW = 100
MIN_KEYS = 2  # one broken account must not stop all others


class Breaker:
    """Counts the outcomes of one topic in one process.

    What is kept are the numbers of the bad ones among the last records: good ones, which are
    nearly all, cost an addition.
    """

    def __init__(self) -> None:
        self._seen = 0
        self._bad: deque[int] = deque()
        self._row = 0
        self._row_keys: set[bytes | None] = set()

    def passed(self, records: int = 1) -> None:
        """Count good records."""
        if records:
            self._seen += records
            self._row = 0
            self._row_keys.clear()

    def failed(self, key: bytes | None) -> str | None:
        """Count a bad record; return why intake must stop, or None."""
        self._seen += 1
        self._bad.append(self._seen)
        while self._bad[0] <= self._seen - WINDOW:
            self._bad.popleft()
        self._row += 1
        if len(self._row_keys) < MIN_KEYS:
            self._row_keys.add(key)
        if self._row >= MAX_IN_A_ROW and len(self._row_keys) >= MIN_KEYS:
            return f"{self._row} dead letters in a row"
        if self._seen >= WINDOW and len(self._bad) > WINDOW * MAX_BAD_RATIO:
            return f"{len(self._bad)} dead letters among the last {WINDOW} records"
        return None


class Breakers:
    """The breakers of one process: which topics it takes nothing of until an operator resumes.

    A breaker that trips is open at once, but counts as stored only with the batch that holds the
    last record taken: until then the database knows nothing of it.
    """

    def __init__(self, *, on: bool) -> None:
        self.open: dict[str, str] = {}  # topic, and why
        self._on = on
        self._counts: defaultdict[str, Breaker] = defaultdict(Breaker)
        self._stored: set[str] = set()

    def of(self, topic: str) -> Breaker | None:
        """Return what counts the topic's records, if breakers are on."""
        return self._counts[topic] if self._on else None

    def trip(self, topic: str, why: str) -> None:
        """Take nothing more of the topic."""
        self.open[topic] = why

    def stored(self, trips: Mapping[str, str]) -> None:
        """Note what the database has now."""
        self.open.update(trips)
        self._stored.update(trips)

    def lost(self, topic: str) -> None:
        """Forget what was counted of records that will be read again, and by whom is not known."""
        self._counts.pop(topic, None)
        if topic not in self._stored:
            self.open.pop(topic, None)

    def loaded(self, stored: Mapping[str, str]) -> None:
        """Stop at what any process had stored as open."""
        if self._on:
            self.stored(stored)

    def known(self) -> frozenset[str]:
        """Return the topics that the database has as open: those that it may have closed since."""
        return frozenset(self._stored)

    def refreshed(self, known: Iterable[str], stored: Mapping[str, str]) -> list[str]:
        """Begin anew with what was `known` and is not stored any more; return these topics."""
        resumed = sorted(topic for topic in known if topic not in stored)
        for topic in resumed:
            self._stored.discard(topic)
            self.open.pop(topic, None)
            self._counts.pop(topic, None)
        return resumed
