"""Playbook runs, their tasks, and what people did on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select, update

from services.signals.store.rows import add, table_of
from shared.store.tables import PlaybookRunRow, RunActionRow, RunTaskRow

Rows = list[Mapping[str, Any]]


def trigger_keys(connection: Connection, ids: Iterable[int]) -> set[str]:
    """Return what already triggered a run on these accounts."""
    statement = select(PlaybookRunRow.trigger_key).where(PlaybookRunRow.account_id.in_(list(ids)))
    return set(connection.scalars(statement))


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


def hand_over(
    connection: Connection, run: Mapping[str, Any], owner_id: str, owner_name: str | None, at: Any
) -> None:
    """Give a run, and the tasks that its owner had, to another owner."""
    connection.execute(
        update(PlaybookRunRow)
        .where(PlaybookRunRow.run_id == run["run_id"])
        .values(
            owner_id=owner_id,
            owner_name=owner_name,
            machine_version=PlaybookRunRow.machine_version + 1,
            updated_at=at,
        )
    )
    connection.execute(
        update(RunTaskRow)
        .where(RunTaskRow.run_id == run["run_id"], RunTaskRow.owner_id == run["owner_id"])
        .values(owner_id=owner_id, owner_name=owner_name)
    )
