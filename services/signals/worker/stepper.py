"""The worker's loop: evaluates on either clock, tells what people did."""

from __future__ import annotations

import threading

import structlog

from services.signals.hazard.interface import LossModel
from services.signals.worker.acts import tell_acts
from services.signals.worker.event_clock import EventClock
from services.signals.worker.stage import ClockName, Tools
from services.signals.worker.starts import Plays
from services.signals.worker.wall_clock import WallClock
from shared.runtime.clock import Clock
from shared.store.faults import is_passing
from shared.store.session import Database

log = structlog.get_logger(__name__)

POLL_SECONDS = {"wall": 0.5, "event": 0.2}
RETRY_SECONDS = 1.0


class Stepper:
    """Step it, or run it in a thread until told to stop."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        model: LossModel,
        plays: Plays,
        *,
        clock_name: ClockName,
        default_owner: str = "unassigned",
    ) -> None:
        tools = Tools(database, clock, model, plays, default_owner, clock_name)
        self._tools = tools
        self._event = EventClock(tools) if clock_name == "event" else None
        self._wall = WallClock(tools) if clock_name == "wall" else None
        self._poll = POLL_SECONDS[clock_name]
        self._woken = threading.Event()
        self.last_step: float = clock.monotonic()

    def wake(self) -> None:
        """Look at once: facts were committed."""
        if self._wall is not None:
            self._wall.facts_came()
        self._woken.set()

    def end_of_input(self) -> None:
        """Say that all input was applied and no more comes: the event clock need not wait."""
        if self._event is not None:
            self._event.end_of_input()
        self._woken.set()

    def step(self) -> bool:
        """Do one piece of work; False when nothing was due."""
        clock = self._event or self._wall
        worked = clock.step() if clock is not None else False
        return tell_acts(self._tools) or worked

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; a database that is away is waited for."""
        if self._event is not None:
            self._event.heed(stop)
        while not stop.is_set():
            pause = self._poll
            self._woken.clear()
            try:
                if self.step():
                    pause = 0.0
            except Exception as error:
                if not is_passing(error):
                    raise
                log.warning("scoring waits for the database", error=str(error).split("\n")[0])
                pause = RETRY_SECONDS
            self.last_step = self._tools.clock.monotonic()
            if pause:
                self._woken.wait(pause)
