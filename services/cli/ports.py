"""What the api asks of other services, answered by them: the composition's glue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from services.ingest.batch import Intake
from services.ingest.discard import Discard, discard
from services.ingest.intake import EventIntake
from services.ingest.replay import DeadLetterReplay
from services.signals.configured import library_of
from services.signals.runs import RunCommands
from shared.runtime.clock import Clock
from shared.runtime.settings import Settings
from shared.store.session import Database


def mount(settings: Settings, database: Database, clock: Clock) -> tuple[ApiIntake, RunCommands]:
    """Return what the api's process carries of the other services."""
    library, owner = library_of(settings), settings.default_owner
    commands = RunCommands(database, clock, library, owner, settings.clock)
    return ApiIntake(database, clock), commands


class ApiIntake:
    """Ingest's handler as `POST /v1/events` and dead-letter replay want it."""

    def __init__(
        self, database: Database, clock: Clock, wake: Callable[[], None] = lambda: None
    ) -> None:
        self._intake = EventIntake(database, clock, Intake.HTTP)
        self._replay = DeadLetterReplay(database, clock)
        self._database, self._clock = database, clock
        self._wake = wake

    def accept(self, values: Sequence[bytes]) -> list[dict[str, Any]]:
        """Apply events; return id, source, status, reason and detail of each."""
        results = self._intake.accept(values)
        self._wake()
        return [
            {
                "id": r.id,
                "source": r.source,
                "status": r.status,
                "reason": r.reason,
                "detail": r.detail,
            }
            for r in results
        ]

    def reject_body(self, body: bytes, reason: str, detail: str) -> None:
        """Keep a body that is no event at all."""
        self._intake.reject(body, reason, detail)

    def replay(self, dead_letter_id: int) -> dict[str, Any] | None:
        """Try a dead letter again; None when there is none of that id."""
        result = self._replay.replay(dead_letter_id)
        if result is None:
            return None
        self._wake()
        return {
            "dead_letter_id": result.dead_letter_id,
            "status": result.status,
            "reason": result.reason,
            "detail": result.detail,
        }

    def discard(self, dead_letter_id: int, reason: str, *, actor: str) -> None:
        """Give a dead letter up for good."""
        discard(self._database, dead_letter_id, Discard(actor, reason, self._clock.now()))
