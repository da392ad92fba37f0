"""Run commands: what people do on playbook runs. Added as rows, never by editing a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, insert, select

from services.signals.alerting.account import AccountViews
from services.signals.playbooks.library import Library, load_library
from services.signals.playbooks.runs import start_run
from services.signals.store.accounts import KnownAccount, known_accounts
from services.signals.store.ending import end_runs_of
from services.signals.store.facts import load_facts
from services.signals.store.forms import run_form, run_state
from services.signals.store.locks import notify
from services.signals.store.outbox import Message, enqueue
from services.signals.store.runs import (
    StartedRun,
    add_runs,
    hold_runs,
    read_run_actions,
    read_runs,
    read_tasks,
    started_rows,
)
from services.signals.store.stream import CHANNEL
from shared.domain.alerts import OUTCOMES, RUN_OUTCOMES
from shared.runtime.clock import Clock
from shared.store.acts import before_act
from shared.store.base import to_micros
from shared.store.moment import deciding_moment
from shared.store.session import Database
from shared.store.tables import AccountRow, AccountScoreRow, AlertRow, PlaybookRunRow, RunActionRow


class RunCommands:
    """The commands behind `/v1/playbook-runs`, each one transaction of its own.

    They raise `LookupError` for what nobody knows, `ValueError` for what the state refuses.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        library: Library | None = None,
        default_owner: str = "unassigned",
        clock_name: Literal["wall", "event"] = "wall",
    ) -> None:
        self._database, self._clock, self._clock_name = database, clock, clock_name
        self._library = library or load_library()
        self._default_owner = default_owner

    def playbooks(self) -> list[dict[str, Any]]:
        """Return the library, ordered by name."""
        return [
            {
                "playbook": one.id,
                "version": one.version,
                "title": one.title.en,
                "titles": msgspec.to_builtins(one.title),
                "purpose": one.purpose,
                "outcomes": list(one.outcomes),
                "called": one.called,
                "cooldown_days": one.guards.cooldown_days,
                "steps": len(one.steps),
            }
            for one in sorted(self._library.playbooks.values(), key=lambda one: one.id)
        ]

    def start_run(self, playbook: str, account_id: str, *, actor: str, key: str) -> str:
        """Start a playbook by hand and return its run id; the same `key` gives the same run.

        The run belongs to the account's owner as known now, whoever starts it.
        """
        play = self._library.playbooks.get(playbook)
        if play is None:
            raise LookupError(f"no playbook {playbook}")
        now = self._clock.now()
        with self._database.write() as connection:
            account = _account(connection, account_id)
            facts = load_facts(connection, [account.id], until_day=None, feeds=())
            view = AccountViews(facts, self._default_owner).before(0, to_micros(now))
            moment = to_micros(self._moment(connection))
            run = start_run(play, None, view, moment, idempotency=key or None)
            if read_runs(connection, PlaybookRunRow.run_id == run.run_id):
                return run.run_id
            started = started_rows(run, account.id)
            add_runs(connection, [started.run], started.tasks)
            self._act(connection, run.run_id, "start", actor)
            _tell(connection, started, account, now)
        return run.run_id

    def complete_task(
        self, run_id: str, task_id: str, *, actor: str, expected: int | None = None
    ) -> None:
        """Mark a task as done; again changes nothing."""
        with self._database.write() as connection:
            run = _run(connection, run_id)
            tasks = read_tasks(connection, [run_id])[run_id]
            if all(task["task_id"] != task_id for task in tasks):
                raise LookupError(f"run {run_id} has no task {task_id}")
            acts = read_run_actions(connection, [run_id])[run_id]
            _require(expected, run, acts)
            done = {act["task_id"] for act in acts if act["kind"] == "complete_task"}
            if task_id in done:
                return
            if run_state(acts) == "closed":
                raise ValueError(f"run {run_id} is closed")
            self._act(connection, run_id, "complete_task", actor, task_id=task_id)

    def close_run(
        self,
        run_id: str,
        outcome: str,
        note: str | None,
        *,
        actor: str,
        expected: int | None = None,
    ) -> None:
        """Close a run with its outcome; again with the same one and note changes nothing."""
        with self._database.write() as connection:
            run = _run(connection, run_id)
            allowed = RUN_OUTCOMES if run["alert_id"] is None else OUTCOMES
            if outcome not in allowed:
                raise ValueError(f"outcome: {outcome!r} is none of {', '.join(allowed)}")
            acts = read_run_actions(connection, [run_id])[run_id]
            _require(expected, run, acts)
            closed = next((act for act in acts if act["kind"] == "close"), None)
            if closed is None:
                self._act(connection, run_id, "close", actor, outcome=outcome, note=note)
            elif (closed["outcome"], closed["note"]) != (outcome, note):
                raise ValueError(f"run {run_id} was closed as {closed['outcome']}")

    def end_runs_of(self, alert_id: str) -> None:
        """Close the runs of an alert that somebody resolved; the worker would at its next step."""
        with self._database.write() as connection:
            account_id = connection.scalar(
                select(AlertRow.account_id).where(AlertRow.alert_id == alert_id)
            )
            if account_id is not None:
                end_runs_of(connection, alert_id, account_id, self._clock.now())

    def _act(
        self, connection: Connection, run_id: str, kind: str, actor: str, **values: Any
    ) -> None:
        row = {"task_id": None, "outcome": None, "note": None, **values}
        before_act(connection)
        at = self._moment(connection)
        connection.execute(
            insert(RunActionRow).values(run_id=run_id, kind=kind, actor=actor, at=at, **row)
        )

    def _moment(self, connection: Connection) -> datetime:
        """Return the time that runs and acts go by, as alerts and the acts on them do."""
        return deciding_moment(connection, self._clock.now(), self._clock_name)


def _account(connection: Connection, account_id: str) -> KnownAccount:
    row_id = connection.scalar(select(AccountRow.id).where(AccountRow.account_id == account_id))
    found = () if row_id is None else known_accounts(connection, [row_id])
    if not found:
        raise LookupError(f"no account {account_id}")
    # Whoever writes for an account holds its row: events leave in the order of commits.
    connection.execute(
        select(AccountScoreRow.account_id)
        .where(AccountScoreRow.account_id == found[0].id)
        .with_for_update()
    )
    return found[0]


def _run(connection: Connection, run_id: str) -> dict[str, Any]:
    """Return a run's row, held until the commit."""
    runs = hold_runs(connection, PlaybookRunRow.run_id == run_id)
    if not runs:
        raise LookupError(f"no run {run_id}")
    return dict(runs[0])


def _require(expected: int | None, run: Mapping[str, Any], acts: Sequence[Any]) -> None:
    """Refuse to act on another state than the one that was seen; the run's row is held."""
    if expected is not None and run["machine_version"] + len(acts) != expected:
        raise ValueError(f"run {run['run_id']} has changed since it was read")


def _tell(connection: Connection, started: StartedRun, account: KnownAccount, now: Any) -> None:
    run = started.run
    form = run_form(run, started.tasks, [], account.account_id, account.language)
    message = Message(
        "run", run["run_id"], 1, account.account_id, run["owner_id"], run["started_at"], form
    )
    enqueue(connection, [message], now)
    notify(connection, CHANNEL)
