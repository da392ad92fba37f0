"""Whose runs they are: active ones follow the account's owner, ended ones keep theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.signals.alerting.account import AccountView, Person
from services.signals.playbooks.runs import responsible
from services.signals.store.accounts import KnownAccount
from services.signals.store.forms import run_state
from services.signals.store.runs import (
    active_runs,
    hand_over,
    hold_runs,
    read_run_actions,
    read_tasks,
)
from shared.store.tables import PlaybookRunRow

Run = Mapping[str, Any]


def hand_over_runs(
    connection: Connection, runs: Sequence[Run], account: AccountView, at: datetime
) -> None:
    """Give those of these runs, which are held, that are active to the account's owner."""
    runs = [run for run in runs if _owner(run) != account.owner]
    ids = [run["run_id"] for run in runs]
    acts, tasks = read_run_actions(connection, ids), read_tasks(connection, ids)
    for run in runs:
        done = acts[run["run_id"]]
        if run_state(done) == "active":
            found = _tasks(run, tasks[run["run_id"]], done, account)
            hand_over(connection, run["run_id"], account.owner, found, at)


def follow_owners(
    connection: Connection,
    accounts: Sequence[KnownAccount],
    view: Callable[[int], AccountView],
    at: datetime,
) -> None:
    """Let the runs follow that no alert's change hands over; `view` is of an account, by index.

    Those of alerts that ended while somebody worked on them, and those that were started by hand:
    these go to the owner as known now, on either clock, as they did when they were started.
    """
    place = {account.id: index for index, account in enumerate(accounts)}
    for run in active_runs(connection, list(place)):
        index = place.get(run["account_id"])
        if index is None:
            continue
        seen = view(index)
        if run["alert_id"] is None:
            seen = _as_known(accounts[index], seen)
        if _owner(run) != seen.owner:
            held = hold_runs(connection, PlaybookRunRow.run_id == run["run_id"])
            hand_over_runs(connection, held, seen, at)


def _as_known(account: KnownAccount, view: AccountView) -> AccountView:
    kam = Person(account.kam_id, account.kam_name) if account.kam_id else None
    return replace(view, kam=kam)


def _owner(row: Run) -> Person:
    return Person(row["owner_id"], row["owner_name"])


def _tasks(
    run: Run, tasks: Sequence[Run], acts: Sequence[Run], account: AccountView
) -> dict[str, Person]:
    """Return who takes the open tasks that the run's owner had, each by its role."""
    done = {act["task_id"] for act in acts if act["kind"] == "complete_task"}
    return {
        task["task_id"]: responsible(task["role"], account)
        for task in tasks
        if task["owner_id"] == run["owner_id"] and task["task_id"] not in done
    }
