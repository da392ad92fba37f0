"""Run commands: what people do on playbook runs. Added as rows, never by editing a run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from services.signals.store.accounts import KnownAccount, known_accounts
from services.signals.store.forms import run_form, run_state
from services.signals.store.runs import read_run_actions, read_runs, read_tasks
from shared.domain.alerts import OUTCOMES, RUN_OUTCOMES
from shared.store.tables import AccountRow, PlaybookRunRow, RunActionRow


class RunCommandError(Exception):
    """A command that cannot be done; `code` is not_found, conflict or invalid."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


def run_by_id(connection: Connection, run_id: str) -> dict[str, Any]:
    """Return a run as it is told outside; raises `RunCommandError` when there is none."""
    run, account = _run(connection, run_id)
    return run_form(
        run,
        read_tasks(connection, [run_id])[run_id],
        read_run_actions(connection, [run_id])[run_id],
        account.account_id,
        account.language,
    )


def complete_task(
    connection: Connection, run_id: str, task_id: str, *, actor: str, now: datetime
) -> dict[str, Any]:
    """Mark a task as done; doing it again changes nothing."""
    _run(connection, run_id, lock=True)
    tasks = read_tasks(connection, [run_id])[run_id]
    if all(task["task_id"] != task_id for task in tasks):
        raise RunCommandError("not_found", f"run {run_id} has no task {task_id}")
    acts = read_run_actions(connection, [run_id])[run_id]
    if not any(act["kind"] == "complete_task" and act["task_id"] == task_id for act in acts):
        if run_state(acts) == "closed":
            raise RunCommandError("conflict", f"run {run_id} is closed")
        _act(connection, run_id, "complete_task", actor, now, task_id=task_id)
    return run_by_id(connection, run_id)


def close(
    connection: Connection,
    run_id: str,
    *,
    outcome: str,
    note: str | None,
    actor: str,
    now: datetime,
) -> dict[str, Any]:
    """Close a run with its outcome; closing it again with the same one changes nothing."""
    run, _ = _run(connection, run_id, lock=True)
    allowed = RUN_OUTCOMES if run["alert_id"] is None else OUTCOMES
    if outcome not in allowed:
        raise RunCommandError("invalid", f"outcome: {outcome!r} is none of {', '.join(allowed)}")
    acts = read_run_actions(connection, [run_id])[run_id]
    closed = next((act for act in acts if act["kind"] == "close"), None)
    if closed is None:
        _act(connection, run_id, "close", actor, now, outcome=outcome, note=note)
    elif closed["outcome"] != outcome:
        raise RunCommandError("conflict", f"run {run_id} was closed as {closed['outcome']}")
    return run_by_id(connection, run_id)


def account_by_external_id(connection: Connection, account_id: str) -> KnownAccount:
    """Return an account; raises `RunCommandError` when nobody knows it."""
    row_id = connection.scalar(select(AccountRow.id).where(AccountRow.account_id == account_id))
    found = () if row_id is None else known_accounts(connection, [row_id])
    if not found:
        raise RunCommandError("not_found", f"no account {account_id}")
    return found[0]


def _run(
    connection: Connection, run_id: str, *, lock: bool = False
) -> tuple[Mapping[str, Any], KnownAccount]:
    if lock:
        statement = select(PlaybookRunRow.run_id).where(PlaybookRunRow.run_id == run_id)
        connection.execute(statement.with_for_update())
    runs = read_runs(connection, PlaybookRunRow.run_id == run_id)
    accounts = known_accounts(connection, [runs[0]["account_id"]]) if runs else ()
    if not accounts:
        raise RunCommandError("not_found", f"no run {run_id}")
    return runs[0], accounts[0]


def _act(
    connection: Connection, run_id: str, kind: str, actor: str, now: datetime, **values: Any
) -> None:
    row = {"task_id": None, "outcome": None, "note": None, **values}
    connection.execute(
        insert(RunActionRow).values(run_id=run_id, kind=kind, actor=actor, at=now, **row)
    )
