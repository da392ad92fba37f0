"""What people do on alerts, and answers kept for repeated requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from services.api.answers import Answer
from services.api.ports import RunCommands
from services.api.problems import ProblemError, wrong_field
from shared.store.acts import before_act
from shared.store.session import Database
from shared.store.tables import AlertActionRow, AlertRow, IdempotencyRow

log = structlog.get_logger(__name__)
KEPT = timedelta(hours=24)
WAKE_CHANNEL = "leadline_facts"
PENDING = 0
"""The status where a request has claimed its key and was not answered yet; its mark is the body."""
CLAIMED = timedelta(minutes=1)
"""Who has not answered by then has died: its claim is over."""
ENDED = frozenset({"resolved", "expired"})


class Repeatable(NamedTuple):
    """A write that may be repeated: who, under which key, with which content."""

    actor: str
    key: str
    digest: str
    at: datetime  # wall clock
    mark: bytes = b""  # of this request: tells its claim from that of one that is alike


class Standing(NamedTuple):
    """What came before under a key: an answer, or that the same request has had none yet."""

    answer: Answer | None = None
    again: bool = False


class Act(NamedTuple):
    """One act on an alert."""

    kind: str
    actor: str
    at: datetime
    until: datetime | None = None
    reason: str | None = None
    outcome: str | None = None
    note: str | None = None


def act_on_alert(connection: Connection, alert: dict[str, Any], act: Act) -> bool:
    """Add the act; return False when it would change nothing, 409 when the alert has ended."""
    if alert["state"] in ENDED:
        raise ProblemError(409, f"the alert is {alert['state']}: nothing can be done on it")
    if act.kind == "acknowledge" and _is_taken_on(connection, alert):
        return False
    before_act(connection)
    connection.execute(insert(AlertActionRow).values(alert_id=alert["alert_id"], **act._asdict()))
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"NOTIFY {WAKE_CHANNEL}"))
    return True


def _is_taken_on(connection: Connection, alert: dict[str, Any]) -> bool:
    """Tell whether somebody works on the alert or acknowledged it, and nobody snoozed it since."""
    if alert["state"] == "snoozed":
        return False
    known = select(AlertActionRow.id).where(
        AlertActionRow.alert_id == alert["alert_id"], AlertActionRow.kind == "acknowledge"
    )
    return alert["state"] == "in_progress" or connection.scalar(known.limit(1)) is not None


def lock_alert(connection: Connection, alert_id: str) -> None:
    """Let one writer at a time decide on an alert (SQLite has one writer anyway)."""
    connection.execute(
        select(AlertRow.alert_id).where(AlertRow.alert_id == alert_id).with_for_update()
    )


def end_runs(runs: RunCommands, alert_id: str) -> None:
    """Let signals end the runs of a resolved alert now: whoever resolved it looks at them next.

    The alert is resolved already; what fails here the worker does at its next step.
    """
    try:
        runs.end_runs_of(alert_id)
    except OperationalError as error:
        log.warning("the runs of a resolved alert end later", error=str(error)[:300])


def answer_once(
    database: Database,
    repeat: Repeatable | None,
    work: Callable[[Connection], Answer],
) -> Answer:
    """Do the work and keep its answer in one transaction; a repetition gets the kept answer."""
    try:
        with database.write() as connection:
            if repeat is None:
                return work(connection)
            if (kept := _kept_answer(connection, repeat)) is not None:
                return kept
            answer = work(connection)
            _keep(connection, repeat, answer)
            return answer
    except (IntegrityError, ProblemError):
        # The same request was faster, and may be what refuses this one: its answer counts.
        if repeat is not None and (kept := kept_answer(database, repeat)) is not None:
            return kept
        raise


def claim(database: Database, repeat: Repeatable) -> Standing:
    """Take the key for a request whose work is another package's transaction.

    Without an answer given before: work, then `keep_answer` or `release`. Whoever comes meanwhile
    with the same request does it too, as after a crash: such work bears repetition, but whoever
    was first holds the claim. Raises 422 when the key came with another request.
    """
    try:
        with database.write() as connection:
            row = _row(connection, repeat)
            if _standing(row, repeat) is None:
                died = row is not None and row.status == PENDING
                _keep(connection, repeat, Answer(repeat.mark, PENDING, {}))
                return Standing(again=died and row.request_digest == repeat.digest)
    except IntegrityError:
        pass  # another request with this key was faster
    return Standing(kept_answer(database, repeat), again=True)


def kept_answer(database: Database, repeat: Repeatable) -> Answer | None:
    """Return the answer given before; 422 when the key came with another request."""
    with database.read() as connection:
        return _kept_answer(connection, repeat)


def keep_answer(database: Database, repeat: Repeatable, answer: Answer) -> None:
    """Keep the answer to a request that claimed its key, or to one like it: the first counts."""
    values = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
    with database.write() as connection:
        connection.execute(update(IdempotencyRow).where(*_claim_on(repeat)).values(values))


def release(database: Database, repeat: Repeatable) -> None:
    """Give the key back: the request was refused, and may come again, put right.

    One that is alike and holds the claim goes on, and its answer is kept.
    """
    own = IdempotencyRow.body == repeat.mark
    with database.write() as connection:
        connection.execute(delete(IdempotencyRow).where(*_claim_on(repeat), own))


def forget_answers(database: Database, now: datetime) -> int:
    """Delete all answers that are over; return how many. Reads the whole table."""
    with database.write() as connection:
        return connection.execute(
            delete(IdempotencyRow).where(IdempotencyRow.created_at <= now - KEPT)
        ).rowcount


def _kept_answer(connection: Connection, repeat: Repeatable) -> Answer | None:
    row = _standing(_row(connection, repeat), repeat)
    if row is None:
        return None
    if row.request_digest != repeat.digest:
        raise wrong_field("header.Idempotency-Key", "this key came before with another request")
    if row.status == PENDING:
        return None
    return Answer(row.body, row.status, row.headers | {"Idempotency-Replayed": "true"})


def _row(connection: Connection, repeat: Repeatable) -> Any:
    return connection.execute(
        select(IdempotencyRow.__table__).where(
            IdempotencyRow.actor == repeat.actor, IdempotencyRow.key == repeat.key
        )
    ).first()


def _standing(row: Any, repeat: Repeatable) -> Any:
    """Return the row of a key; None where its answer or claim is over."""
    if row is None:
        return None
    kept = CLAIMED if row.status == PENDING else KEPT
    return None if row.created_at <= repeat.at - kept else row


def _claim_on(repeat: Repeatable) -> tuple[ColumnElement[bool], ...]:
    return (
        IdempotencyRow.actor == repeat.actor,
        IdempotencyRow.key == repeat.key,
        IdempotencyRow.request_digest == repeat.digest,
        IdempotencyRow.status == PENDING,
    )


def _keep(connection: Connection, repeat: Repeatable, answer: Answer) -> None:
    # One row by its key: an answer or a claim that is over gives way to the new one.
    row = IdempotencyRow
    died = and_(row.status == PENDING, row.created_at <= repeat.at - CLAIMED)
    connection.execute(
        delete(row).where(
            row.actor == repeat.actor,
            row.key == repeat.key,
            or_(row.created_at <= repeat.at - KEPT, died),
        )
    )
    connection.execute(
        insert(IdempotencyRow).values(
            actor=repeat.actor,
            key=repeat.key,
            request_digest=repeat.digest,
            status=answer.status,
            headers=dict(answer.headers),
            body=answer.body,
            created_at=repeat.at,
        )
    )
