"""Playbook runs, their tasks, and what people did on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, exists, func, insert, not_, or_, select, update

from services.signals.alerting.account import Person
from services.signals.playbooks.runs import PastRun, Run, RunTask
from services.signals.store.rows import add, among, table_of
from shared.domain.alerts import MACHINE
from shared.store.base import from_micros, to_micros
from shared.store.tables import (
    AlertActionRow,
    AlertRow,
    PlaybookRunRow,
    RunActionRow,
    RunTaskRow,
)

Rows = list[Mapping[str, Any]]


class StartedRun(NamedTuple):
    """A new run as rows."""

    run: dict[str, Any]
    tasks: list[dict[str, Any]]


def started_rows(run: Run, row_id: int) -> StartedRun:
    """Return a run as rows; `row_id` is its account's."""
    values: dict[str, Any] = {field: getattr(run, field) for field in run.__struct_fields__}
    tasks = values.pop("tasks")
    started = from_micros(run.started_at)
    marks = {
        "account_id": row_id,
        "started_at": started,
        "first_action_due_at": from_micros(run.first_action_due_at),
        "machine_version": 1,
        "updated_at": started,
    }
    return StartedRun(values | marks, [_task_row(run.run_id, task) for task in tasks])


def _task_row(run_id: str, task: RunTask) -> dict[str, Any]:
    values = {field: getattr(task, field) for field in task.__struct_fields__}
    return values | {"run_id": run_id, "due_at": from_micros(task.due_at)}


def past_runs(
    connection: Connection, ids: Collection[int], is_called: Callable[[str], bool]
) -> tuple[dict[int, list[PastRun]], set[str]]:
    """Return the runs of each account, and everything that triggered one.

    A run is at work until it is closed or its alert has ended.
    """
    found: dict[int, list[PastRun]] = defaultdict(list)
    if not ids:
        return found, set()
    closed = exists().where(
        RunActionRow.run_id == PlaybookRunRow.run_id, RunActionRow.kind == "close"
    )
    acted = exists().where(RunActionRow.run_id == PlaybookRunRow.run_id)
    because = (
        select(func.max(RunActionRow.note))
        .where(
            RunActionRow.run_id == PlaybookRunRow.run_id,
            RunActionRow.kind == "close",
            RunActionRow.actor == MACHINE,
        )
        .scalar_subquery()
    )
    over = exists().where(
        AlertActionRow.alert_id == PlaybookRunRow.alert_id, AlertActionRow.kind == "resolve"
    )
    statement = (
        select(
            PlaybookRunRow.account_id,
            PlaybookRunRow.playbook,
            PlaybookRunRow.started_at,
            PlaybookRunRow.alert_id,
            PlaybookRunRow.trigger_key,
            or_(closed, over, AlertRow.resolved_at.is_not(None)).label("ended"),
            and_(acted, not_(closed)).label("worked"),
            because.label("because"),
        )
        .outerjoin(AlertRow, AlertRow.alert_id == PlaybookRunRow.alert_id)
        .where(among(PlaybookRunRow.account_id, list(ids)))
        .order_by(PlaybookRunRow.started_at, PlaybookRunRow.run_id)
    )
    keys = set()
    for row in connection.execute(statement):
        keys.add(row.trigger_key)
        found[row.account_id].append(
            PastRun(
                row.playbook,
                to_micros(row.started_at),
                not row.ended,
                is_called(row.playbook),
                row.alert_id,
                bool(row.worked),
                row.because,
            )
        )
    return found, keys


def add_runs(
    connection: Connection, runs: Sequence[Mapping[str, Any]], tasks: Sequence[Mapping[str, Any]]
) -> None:
    """Store new runs with their tasks; what was triggered before stays as it is."""
    add(connection, PlaybookRunRow, runs, ["trigger_key"])
    add(connection, RunTaskRow, tasks, ["run_id", "task_id"])


def read_runs(connection: Connection, *conditions: Any) -> Rows:
    """Return runs that fulfil the conditions."""
    statement = select(table_of(PlaybookRunRow)).where(*conditions)
    return [
        dict(row)
        for row in connection.execute(statement.order_by(PlaybookRunRow.run_id)).mappings()
    ]


def hold_runs(connection: Connection, *conditions: Any) -> Rows:
    """Return runs that fulfil the conditions, held until the commit.

    Whoever decides by what was done on a run holds it first: what is done meanwhile waits.
    """
    held = select(PlaybookRunRow.run_id).where(*conditions).order_by(PlaybookRunRow.run_id)
    connection.execute(held.with_for_update())
    return read_runs(connection, *conditions)


def read_tasks(connection: Connection, run_ids: Sequence[str]) -> dict[str, Rows]:
    """Return the tasks of each run, in their order."""
    statement = select(table_of(RunTaskRow)).where(RunTaskRow.run_id.in_(run_ids))
    found: dict[str, Rows] = defaultdict(list)
    for row in connection.execute(statement.order_by(RunTaskRow.position)).mappings():
        found[row["run_id"]].append(dict(row))
    return found


def read_run_actions(connection: Connection, run_ids: Sequence[str]) -> dict[str, Rows]:
    """Return what people did on each run, oldest first."""
    statement = select(table_of(RunActionRow)).where(RunActionRow.run_id.in_(run_ids))
    found: dict[str, Rows] = defaultdict(list)
    for row in connection.execute(statement.order_by(RunActionRow.id)).mappings():
        found[row["run_id"]].append(dict(row))
    return found


def close_run(
    connection: Connection, run_id: str, outcome: str, because: str, at: datetime
) -> Mapping[str, Any]:
    """Close a run whose alert has ended; return the act, which the caller tells.

    `because` is one of `RUN_ENDS` and kept as the act's note.
    """
    act = {
        "run_id": run_id, "kind": "close", "task_id": None, "outcome": outcome, "note": because,
        "actor": MACHINE, "at": at,
    }  # fmt: skip
    connection.execute(insert(RunActionRow).values(**act))
    return act


def active_runs(connection: Connection, ids: Collection[int]) -> Rows:
    """Return runs of these accounts, and for very many accounts also others, that nobody closed."""
    closed = exists().where(
        RunActionRow.run_id == PlaybookRunRow.run_id, RunActionRow.kind == "close"
    )
    return read_runs(connection, among(PlaybookRunRow.account_id, list(ids)), not_(closed))


def hand_over(
    connection: Connection, run_id: str, owner: Person, tasks: Mapping[str, Person], at: datetime
) -> None:
    """Give a run to another owner; `tasks` says by id who has which from now on."""
    connection.execute(
        update(PlaybookRunRow)
        .where(PlaybookRunRow.run_id == run_id)
        .values(
            owner_id=owner.id,
            owner_name=owner.name,
            machine_version=PlaybookRunRow.machine_version + 1,
            updated_at=at,
        )
    )
    for task_id, person in tasks.items():
        connection.execute(
            update(RunTaskRow)
            .where(RunTaskRow.run_id == run_id, RunTaskRow.task_id == task_id)
            .values(owner_id=person.id, owner_name=person.name)
        )
