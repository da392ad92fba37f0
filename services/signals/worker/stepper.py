"""The worker's loop: evaluates on either clock, tells what people did."""

from __future__ import annotations

import threading
from dataclasses import replace

import structlog

from services.signals.hazard.interface import LossModel
from services.signals.store.models import Champions
from services.signals.worker.acts import tell_acts
from services.signals.worker.event_clock import EventClock
from services.signals.worker.stage import ClockName, Tools
from services.signals.worker.starts import Plays
from services.signals.worker.wall_clock import WallClock
from shared.runtime.clock import Clock
from shared.store.faults import is_passing
from shared.store.identity import database_identity
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
        self._tools = Tools(database, clock, model, plays, default_owner, clock_name)
        self._ended, self._stop = threading.Event(), threading.Event()
        self._identity: str | None = None
        self._days: WallClock | EventClock
        self._begin()
        self._poll = POLL_SECONDS[clock_name]
        self._woken = threading.Event()
        self.last_step: float = clock.monotonic()

    def wake(self) -> None:
        """Look at once: facts were committed."""
        if isinstance(self._days, WallClock):
            self._days.facts_came()
        self._woken.set()

    def end_of_input(self) -> None:
        """Say that all input was applied and no more comes: the event clock need not wait."""
        self._ended.set()
        self._woken.set()

    def step(self) -> bool:
        """Do one piece of work; False when nothing was due."""
        self._recognise()
        worked = self._days.step()
        return tell_acts(self._tools) or worked

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; a database that is away is waited for."""
        self._stop = stop
        self._begin()
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

    def _recognise(self) -> None:
        """Begin anew on another database: a restored backup may mean others by what we remember."""
        if self._tools.database.sqlite:
            return
        with self._tools.database.read() as connection:
            identity = database_identity(connection)
        if identity != self._identity:
            self._identity = identity
            self._begin()

    def _begin(self) -> None:
        """Remember nothing."""
        self._tools = replace(self._tools, champions=Champions())
        self._days = (
            WallClock(self._tools)
            if self._tools.clock_name == "wall"
            else EventClock(self._tools, self._ended, self._stop)
        )
