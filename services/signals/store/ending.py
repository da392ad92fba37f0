"""The end of playbook runs whose alert has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, exists, not_, select

from services.signals.store.accounts import KnownAccount, known_accounts
from services.signals.store.claims import lock_accounts
from services.signals.store.forms import run_form, run_state
from services.signals.store.locks import notify
from services.signals.store.outbox import Message, enqueue
from services.signals.store.runs import close_run, hold_runs, read_run_actions, read_tasks
from services.signals.store.stream import CHANNEL
from shared.runtime.clock import Clock
from shared.store.session import Database
from shared.store.tables import AlertActionRow, AlertRow, PlaybookRunRow, RunActionRow

Acts = Sequence[Mapping[str, Any]]


class End(NamedTuple):
    """How runs end: `because` is one of `RUN_ENDS`."""

    outcome: str
    because: str
    at: datetime


def end_runs(
    connection: Connection, alert_ids: Sequence[str], end: End, *, by_hand: bool
) -> list[tuple[Mapping[str, Any], Acts]]:
    """Close the active runs that these alerts had started by then; return them with their acts.

    A run that somebody worked on is left to them unless a person ended the alert (`by_hand`):
    only they know what their work did. A person ends all: one may be dated by the clock of an
    event that is ahead of theirs.
    """
    runs = hold_runs(connection, PlaybookRunRow.alert_id.in_(alert_ids))
    done = read_run_actions(connection, [run["run_id"] for run in runs])
    ended: list[tuple[Mapping[str, Any], Acts]] = []
    for run in runs:
        acts = done[run["run_id"]]
        left = not by_hand and (bool(acts) or run["started_at"] > end.at)
        if run_state(acts) == "active" and not left:
            ended.append((run, [*acts, close_run(connection, run["run_id"], *end)]))
    return ended


def run_message(
    connection: Connection, run: Mapping[str, Any], acts: Acts, account: KnownAccount
) -> Message:
    """Return what is told of a run after its last act."""
    tasks = read_tasks(connection, [run["run_id"]])[run["run_id"]]
    return Message(
        "run", run["run_id"], run["machine_version"] + len(acts), account.account_id,
        run["owner_id"], acts[-1]["at"],
        run_form(run, tasks, acts, account.account_id, account.language),
    )  # fmt: skip


def end_resolved(database: Database, clock: Clock, after: int) -> None:
    """Close the runs of the alerts that people resolved by acts beyond the id `after`.

    At once, not at the next daily evaluation, which on the event clock may never come. Each alert
    is a transaction of its own that holds no lock on people's acts: who works on a run holds the
    run while waiting to act.
    """
    with database.read() as connection:
        waiting = active_resolved(connection, after)
    for alert_id, account_id in waiting:
        with database.write() as connection:
            end_runs_of(connection, alert_id, account_id, clock.now())


def active_resolved(connection: Connection, after: int) -> list[tuple[str, int]]:
    """Return alert and account (row id) of active runs whose alert was resolved beyond `after`."""
    act, closing = AlertActionRow, RunActionRow
    closed = exists().where(closing.run_id == PlaybookRunRow.run_id, closing.kind == "close")
    statement = (
        select(AlertRow.alert_id, AlertRow.account_id)
        .join(act, act.alert_id == AlertRow.alert_id)
        .join(PlaybookRunRow, PlaybookRunRow.alert_id == AlertRow.alert_id)
        .where(act.id > after, act.kind == "resolve", not_(closed))
        .distinct()
        .order_by(AlertRow.alert_id)
    )
    return [(row.alert_id, row.account_id) for row in connection.execute(statement)]


def end_runs_of(connection: Connection, alert_id: str, account_id: int, now: datetime) -> None:
    """Close the runs of an alert that somebody resolved, and tell it; again changes nothing."""
    lock_accounts(connection, [account_id])
    act = AlertActionRow
    found = connection.execute(
        select(act.outcome, act.at)
        .where(act.alert_id == alert_id, act.kind == "resolve")
        .order_by(act.id.desc())
    ).first()
    accounts = known_accounts(connection, [account_id])
    if found is None or not accounts:
        return
    end = End(found.outcome, "alert_resolved", found.at)
    ended = end_runs(connection, [alert_id], end, by_hand=True)
    messages = [run_message(connection, run, acts, accounts[0]) for run, acts in ended]
    enqueue(connection, messages, now)
    notify(connection, CHANNEL)
