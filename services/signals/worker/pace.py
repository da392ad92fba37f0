"""Scoring beside intake on one machine: while facts keep coming, small chunks with rests between.

A score may be some seconds old then; what opens an alert at once does not wait for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.runtime.clock import Clock

CHUNK, SMALL_CHUNK = 200, 25
BUSY_SECONDS = 0.5
REST_RATIO = 2.0
LONGEST_REST_SECONDS = 1.0
FIT_REST_RATIO = 10.0


class Pace:
    """How much to take on, and when to rest; `facts_came` is safe from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._facts_at: float | None = None
        self._rests_until: float | None = None
        self._begun = 0.0
        self._fits_again = 0.0

    def facts_came(self) -> None:
        """Note that facts were committed."""
        self._facts_at = self._clock.monotonic()

    def chunk(self) -> int:
        """Begin a chunk; return how many accounts it may have."""
        self._begun = self._clock.monotonic()
        return SMALL_CHUNK if self._busy() else CHUNK

    def done(self, accounts: int) -> None:
        """End a chunk: after a whole one, while facts come, rest longer than it took."""
        if accounts >= SMALL_CHUNK and self._busy():
            now = self._clock.monotonic()
            rest = min(REST_RATIO * (now - self._begun), LONGEST_REST_SECONDS)
            self._rests_until = now + rest

    def resting(self) -> bool:
        """Tell whether only what is urgent should be done now."""
        return self._rests_until is not None and self._clock.monotonic() < self._rests_until

    @contextmanager
    def fit(self) -> Iterator[None]:
        """Fit the population, or do else what reads the whole book; the next fit rests after it."""
        begun = self._clock.monotonic()
        yield
        ended = self._clock.monotonic()
        self._fits_again = max(ended, self._fits_again) + FIT_REST_RATIO * (ended - begun)

    def fitting_rests(self) -> bool:
        """Tell whether looks should go on with the fit that there is."""
        return self._clock.monotonic() < self._fits_again

    def _busy(self) -> bool:
        came = self._facts_at
        return came is not None and self._clock.monotonic() - came < BUSY_SECONDS
