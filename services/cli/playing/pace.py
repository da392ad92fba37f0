"""Playing time: a clock that runs some times faster than the wall's."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import typer

from services.ingest.adapters import MappedEvent
from shared.runtime.clock import Clock
from shared.store.base import from_micros

SPEED = re.compile(r"(\d+(?:\.\d+)?)x?")
LIVE_DAYS = 21
"""How much of the end is played in time; what came before is history."""


class LiveClock:
    """Runs from `start`, `speed` simulated seconds per second of the wall's clock."""

    def __init__(self, wall: Clock, start: datetime, speed: float) -> None:
        self._wall = wall
        self.start = start
        self._speed = speed
        self._made = wall.monotonic()
        self._began: float | None = None

    def begin(self) -> None:
        """Let time run at its speed; until then it passes like the wall's."""
        self._began = self._wall.monotonic()

    def now(self) -> datetime:
        """Return the simulated moment."""
        at = self._wall.monotonic()
        if self._began is None:
            return self.start + timedelta(seconds=at - self._made)
        before = self._began - self._made
        return self.start + timedelta(seconds=before + (at - self._began) * self._speed)

    def monotonic(self) -> float:
        """Return the wall's seconds: for measuring, and for pauses."""
        return self._wall.monotonic()

    def seconds_until(self, event: MappedEvent) -> float:
        """Return the wall's seconds until an event happens."""
        return (from_micros(event.time) - self.now()).total_seconds() / self._speed


def parse_speed(text: str) -> float:
    """Return the speed of `60x` or `60`."""
    match = SPEED.fullmatch(text)
    if match is None or float(match.group(1)) <= 0:
        raise typer.BadParameter(f"{text!r} is no speed; 60x plays a minute per second")
    return float(match.group(1))
