"""Whether the database answers, for a probe of a process that may have nothing else to ask it."""

from __future__ import annotations

import threading

import structlog

from shared.runtime.clock import Clock
from shared.store.session import Database

log = structlog.get_logger(__name__)

LIMIT_S = 2.0
"""How long a probe waits for the answer; who asks us waits for five seconds."""
EVERY_S = 1.0


class DatabaseProbe:
    """A readiness check of `shared.runtime.health.HealthServer`, safe from any thread.

    Says "database away" and how that shows. It asks at most once a second, and nothing more while
    an answer is owed: on a server that hangs that takes half a minute.
    """

    def __init__(self, database: Database, clock: Clock, *, limit_s: float = LIMIT_S) -> None:
        self._database, self._clock, self._limit_s = database, clock, limit_s
        self._lock = threading.Lock()
        self._question: _Question | None = None
        self._was_away = False

    def __call__(self) -> str | None:
        """Return what is wrong, or None; waits for `limit_s` at most."""
        question = self._asked()
        waited = self._clock.monotonic() - question.asked_at
        if question.answered.wait(max(0.0, self._limit_s - waited)):
            fault = question.fault
        else:
            fault = f"no answer for {self._clock.monotonic() - question.asked_at:.0f} s"
        return None if fault is None else f"database away: {fault}"

    def _asked(self) -> _Question:
        """Return the question that is open or was answered just now, or ask another."""
        with self._lock:
            now, question = self._clock.monotonic(), self._question
            if question is None or (
                question.answered.is_set() and now - question.asked_at >= EVERY_S
            ):
                question = self._question = _Question(now)
                # A daemon, unlike the threads of a pool: it must not hold up the process's end.
                threading.Thread(
                    target=self._ask, args=(question,), name="database-probe", daemon=True
                ).start()
            return question

    def _ask(self, question: _Question) -> None:
        try:
            with self._database.read() as connection:
                connection.exec_driver_sql("SELECT 1")
        except Exception as error:  # noqa: BLE001 - a probe reports whatever is wrong
            # Probes are open to everybody, and the driver's words may name hosts and users.
            question.fault = type(error).__name__
            if not self._was_away:
                log.warning("the database is away", error=str(error).split("\n")[0])
        self._was_away = question.fault is not None
        question.answered.set()


class _Question:
    def __init__(self, asked_at: float) -> None:
        self.asked_at = asked_at
        self.fault: str | None = None
        self.answered = threading.Event()
