"""How long to wait for a database that is away. Pure."""

from __future__ import annotations

from collections.abc import Iterator

FIRST_PAUSE = 0.1
MAX_PAUSE = 2.0


class GivenUpError(Exception):
    """The process is to end while the database does not answer; nothing was lost."""


def pauses() -> Iterator[float]:
    """Yield the seconds to wait after each failure: growing, and without an end."""
    pause = FIRST_PAUSE
    while True:
        yield pause
        pause = min(pause * 2, MAX_PAUSE)
