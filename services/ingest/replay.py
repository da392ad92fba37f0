"""Dead letters once more through the handler, after a fix of code or mapping."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select, update

from services.ingest.batch import Batch, DeadLetter, Intake, Outcome, PlacedFact
from services.ingest.decode import Fact, Rejection, decode
from services.ingest.defects import report_defects
from services.ingest.store.patient import PatientWriter
from shared.contracts.packed_headers import unpacked
from shared.runtime.clock import Clock
from shared.store.base import to_micros
from shared.store.session import Database
from shared.store.tables import DeadLetterRow


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a dead letter: accepted, duplicate, conflict, or rejected again."""

    dead_letter_id: int
    status: str
    reason: str | None = None
    detail: str | None = None


class DeadLetterReplay:
    """Replays by original id, so replaying twice changes nothing; safe to use from threads."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._writer = PatientWriter(database)

    def pending(self) -> Iterator[int]:
        """Yield the ids of dead letters that wait, in order."""
        last = 0
        while True:
            with self._database.read() as connection:
                ids = connection.scalars(
                    select(DeadLetterRow.id)
                    .where(DeadLetterRow.waits(), DeadLetterRow.id > last)
                    .order_by(DeadLetterRow.id)
                    .limit(1000)
                ).all()
            if not ids:
                return
            yield from ids
            last = ids[-1]

    def replay(self, dead_letter_id: int) -> Replayed | None:
        """Try a dead letter again; None when there is none of that id."""
        with self._database.read() as connection:
            row = connection.execute(
                select(DeadLetterRow.__table__).where(DeadLetterRow.id == dead_letter_id)
            ).first()
        if row is None:
            return None
        now = self._clock.now()
        intake, decoded = _intake(row), _decoded(row, now)
        if not isinstance(decoded, Fact):
            report_defects([decoded])
            return self._refused(row, decoded)
        batch = Batch(
            intake,
            to_micros(now),
            facts=[PlacedFact(decoded, row.partition, row.offset)],
            letter_of=partial(_letter, row),
        )
        outcomes = self._writer.write(batch).outcomes
        if not outcomes:
            (letter,) = batch.dead_letters
            return self._rejected(row, Rejection(letter.reason, letter.detail))
        (outcome,) = outcomes
        self._note(row, {} if row.replayed_at else {"replayed_at": now})
        status = "accepted" if outcome is Outcome.APPLIED else outcome.value
        return Replayed(dead_letter_id, status, None, _told(row) or None)

    def _refused(self, row: Any, why: Rejection) -> Replayed:
        if _intake(row) is not Intake.IMPORT:
            return self._rejected(row, why)
        # A row of a table is no event: what was wrong with it by its map still is.
        self._note(row, {})
        detail = f"{row.detail} (a row of a file: mend it or the map, and import again)"
        return Replayed(row.id, "rejected", row.reason, _told(row, detail))

    def _rejected(self, row: Any, why: Rejection) -> Replayed:
        self._note(row, why._asdict())
        return Replayed(row.id, "rejected", why.reason, _told(row, why.detail))

    def _note(self, row: Any, changes: dict[str, Any]) -> None:
        with self._database.write() as connection:
            connection.execute(
                update(DeadLetterRow)
                .where(DeadLetterRow.id == row.id)
                .values(tries=row.tries + 1, last_tried_at=self._clock.now(), **changes)
            )


def _letter(row: Any, _placed: PlacedFact, why: Rejection) -> DeadLetter:
    """Return the letter as it is, so that one which cannot be stored again stays one."""
    return DeadLetter(
        row.origin, row.topic, row.partition, row.offset, row.key, row.value,
        unpacked(row.headers), why.reason, why.detail, None,
    )  # fmt: skip


def _intake(row: Any) -> Intake:
    """Return the way that a letter came in: its facts count as if they had been accepted then."""
    return Intake(row.origin.partition(":")[0])


def _decoded(row: Any, now: datetime) -> Fact | Rejection:
    came = row.recorded_at or row.first_seen_at
    return decode(
        row.value,
        unpacked(row.headers),
        key=row.key,
        topic=row.topic,
        recorded_default=None if _intake(row) is Intake.IMPORT else to_micros(came),
        now=to_micros(now),
    )


def _told(row: Any, detail: str = "") -> str:
    """Return the detail of a replay, and of a letter that was given up that and what follows."""
    if row.discarded_at is None:
        return detail
    who = f"it was discarded on {row.discarded_at:%Y-%m-%d} by {row.discarded_by}"
    why = f"{who} ({row.discarded_reason})"
    if detail:
        return f"{detail}; {why}, and stays so"
    return f"{why}; it counts all the same from now on"
