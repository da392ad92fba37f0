"""Events that come without a log: HTTP, files and replays, through the same writer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import msgspec

from services.ingest.aside import NOT_STORABLE
from services.ingest.batch import Batch, DeadLetter, Intake, LetterOf, Outcome, PlacedFact
from services.ingest.decode import Fact, Rejection, decode
from services.ingest.defects import report_defects
from services.ingest.metrics import count_dead_letters, count_outcomes
from services.ingest.store.patient import PatientWriter
from shared.contracts.file_rows import file_headers
from shared.contracts.json_faults import with_whole_characters
from shared.domain.event_types import EventType
from shared.runtime.clock import Clock
from shared.store.base import to_micros
from shared.store.session import Database

ACCEPTED, REJECTED = "accepted", "rejected"


OTHER_CONTENT = "this id came before with other content; the first counts, send yours under another"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one event; `reason` only for a rejected one."""

    id: str | None
    source: str | None
    status: str  # accepted, duplicate, conflict, rejected
    reason: str | None = None
    detail: str | None = None


class EventIntake:
    """Takes events in; safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        intake: Intake = Intake.HTTP,
        *,
        on_commit: Callable[[], None] | None = None,
    ) -> None:
        self._clock = clock
        self._intake = intake
        self._writer = PatientWriter(database, on_commit)

    def accept(self, values: Sequence[bytes], places: Sequence[str] = ()) -> list[Result]:
        """Apply events, each as JSON bytes, in one transaction; rejects become dead letters.

        `places` say where in a file (`name:line`) each one stood, if they came from one.
        """
        now = to_micros(self._clock.now())
        # History was known in its own time.
        default = None if self._intake is Intake.IMPORT else now
        decoded = [
            decode(value, (), key=None, topic=None, recorded_default=default, now=now)
            for value in values
        ]
        stood = places or [""] * len(values)
        facts = [PlacedFact(fact) for fact in decoded if isinstance(fact, Fact)]
        letters = [
            self._letter(value, rejection, where)
            for value, rejection, where in zip(values, decoded, stood, strict=True)
            if isinstance(rejection, Rejection)
        ]

        def letter_of(placed: PlacedFact, why: Rejection) -> DeadLetter:
            at = next(at for at, one in enumerate(decoded) if one is placed.fact)
            return self._letter(values[at], why, stood[at], placed.fact.recorded)

        outcomes = iter(self._write(facts, letters, now, letter_of))
        return [
            _accepted(entry, next(outcomes)) if isinstance(entry, Fact) else _rejected(value, entry)
            for value, entry in zip(values, decoded, strict=True)
        ]

    def reject(self, value: bytes, reason: str, detail: str, where: str = "") -> None:
        """Keep bytes that are no event at all."""
        letter = self._letter(value, Rejection(reason, detail), where)
        self._write([], [letter], to_micros(self._clock.now()))

    def _write(
        self,
        facts: Sequence[PlacedFact],
        letters: Sequence[DeadLetter],
        now: int,
        letter_of: LetterOf | None = None,
    ) -> list[Outcome]:
        moving = [f.fact.time for f in facts if f.fact.type is not EventType.ACCOUNT]
        batch = Batch(
            self._intake,
            now,
            facts=facts,
            dead_letters=letters,
            max_event_time=max(moving, default=None),
            letter_of=letter_of,
        )
        written = self._writer.write(batch)
        count_outcomes(batch.facts, written.outcomes)
        count_dead_letters(batch.dead_letters)
        report_defects(batch.dead_letters)
        return self._aligned(facts, batch, written.outcomes)

    @staticmethod
    def _aligned(
        facts: Sequence[PlacedFact], batch: Batch, outcomes: list[Outcome]
    ) -> list[Outcome]:
        """Return an outcome per given fact, also when the writer had to set some aside."""
        if len(batch.facts) == len(facts):
            return outcomes
        stored = {
            (p.fact.source, p.fact.id): outcome
            for p, outcome in zip(batch.facts, outcomes, strict=True)
        }
        return [stored.get((p.fact.source, p.fact.id), Outcome.DEAD_LETTER) for p in facts]

    def _letter(
        self, value: bytes, rejection: Rejection, where: str, recorded: int | None = None
    ) -> DeadLetter:
        digest = blake2b(value, digest_size=16).hexdigest()
        return DeadLetter(
            f"{self._intake}:{digest}", None, None, None, None, value, file_headers(where),
            rejection.reason, rejection.detail, recorded,
        )  # fmt: skip


def _accepted(fact: Fact, outcome: Outcome) -> Result:
    status = {
        Outcome.APPLIED: ACCEPTED,
        Outcome.DEAD_LETTER: REJECTED,
    }.get(outcome, outcome.value)
    reason = NOT_STORABLE if outcome is Outcome.DEAD_LETTER else None
    detail = OTHER_CONTENT if outcome is Outcome.CONFLICT else None
    return Result(fact.id, fact.source, status, reason, detail)


def _rejected(value: bytes, rejection: Rejection) -> Result:
    """Name the event as far as its bytes allow."""
    try:
        envelope = msgspec.json.decode(with_whole_characters(value))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        envelope = None
    known = envelope if isinstance(envelope, dict) else {}
    names = [known.get(name) for name in ("id", "source")]
    event_id, source = (name[:256] if isinstance(name, str) else None for name in names)
    return Result(event_id, source, REJECTED, rejection.reason, rejection.detail)
