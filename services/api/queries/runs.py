"""Playbook runs with their tasks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, exists, func, not_, select

from services.api.paging import Page, Question, make_cursor, read_cursor
from services.api.principal import Principal
from services.api.problems import not_found
from services.api.queries.accounts import person
from services.api.queries.histories import run_history
from services.api.queries.scope import visible
from shared.domain.alerts import MACHINE
from shared.domain.tasks import task_state
from shared.store.tables import AccountRow, PlaybookRunRow, RunActionRow, RunTaskRow


class RunFilter(NamedTuple):
    """Which runs."""

    state: str | None = None
    account: str | None = None
    kam: str | None = None


def run_page(
    connection: Connection,
    principal: Principal,
    wanted: RunFilter,
    page: Page,
    language: str = "en",
) -> dict[str, Any]:
    """Return one page of runs, by id, with their titles in a language."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        conditions.append(in_state(wanted.state))
    if wanted.account is not None:
        conditions.append(AccountRow.account_id == wanted.account)
    if wanted.kam is not None:
        conditions.append(PlaybookRunRow.owner_id == wanted.kam)
    question = Question("run_id", tuple(wanted))
    after = read_cursor(page.cursor, question, (str,))
    if after is not None:
        conditions.append(PlaybookRunRow.run_id > after[0])
    runs = runs_where(connection, principal, conditions, language, page.limit + 1)
    kept = runs[: page.limit]
    more = len(runs) > page.limit
    return {
        "items": kept,
        "next_cursor": make_cursor(question, kept[-1]["run_id"]) if more else None,
    }


def run_by_id(connection: Connection, principal: Principal, run_id: str) -> dict[str, Any]:
    """Return one run; 404 when unknown or of another KAM's account."""
    found = runs_where(connection, principal, [PlaybookRunRow.run_id == run_id])
    if not found:
        raise not_found("playbook run", run_id)
    return found[0]


def run_before(
    connection: Connection, principal: Principal, run_id: str, act: Mapping[str, Any]
) -> dict[str, Any] | None:
    """Return the run as an act with these values found it; None where nobody did that."""
    row = RunActionRow
    same = [getattr(row, name).is_not_distinct_from(value) for name, value in act.items()]
    done = connection.scalar(select(func.min(row.id)).where(row.run_id == run_id, *same))
    if done is None:
        return None
    found = runs_where(connection, principal, [PlaybookRunRow.run_id == run_id], before=done)
    return found[0] if found else None


def run_version(connection: Connection, run_id: str) -> int:
    """Return the version that `RunCommands` compares; 0 for an unknown run.

    Read it before the run: what changes in between is then refused, never overlooked.
    """
    acts = select(func.count()).where(RunActionRow.run_id == run_id).scalar_subquery()
    found = connection.scalar(
        select(PlaybookRunRow.machine_version + acts).where(PlaybookRunRow.run_id == run_id)
    )
    return int(found or 0)


def in_state(state: str) -> ColumnElement[bool]:
    """Return the condition that a run is `active` or `closed`."""
    act = RunActionRow
    closed = exists().where(act.run_id == PlaybookRunRow.run_id, act.kind == "close")
    return closed if state == "closed" else not_(closed)


def runs_where(
    connection: Connection,
    principal: Principal,
    conditions: Sequence[ColumnElement[bool]],
    language: str = "en",
    limit: int | None = None,
    before: int | None = None,
) -> list[dict[str, Any]]:
    """Return the runs that fulfil the conditions, by id; as the act `before` found them."""
    rows = connection.execute(
        select(PlaybookRunRow.__table__, AccountRow.account_id.label("account"))
        .join(AccountRow, AccountRow.id == PlaybookRunRow.account_id)
        .where(visible(principal), *conditions)
        .order_by(PlaybookRunRow.run_id)
        .limit(limit)
    ).all()
    ids = [row.run_id for row in rows]
    tasks: defaultdict[str, list[Any]] = defaultdict(list)
    acts: defaultdict[str, list[Any]] = defaultdict(list)
    task, act = RunTaskRow, RunActionRow
    seen = [] if before is None else [act.id < before]
    for one in connection.execute(
        select(task.__table__).where(task.run_id.in_(ids)).order_by(task.position)
    ):
        tasks[one.run_id].append(one)
    for one in connection.execute(
        select(act.__table__).where(act.run_id.in_(ids), *seen).order_by(act.id)
    ):
        acts[one.run_id].append(one)
    return [_form(row, tasks[row.run_id], acts[row.run_id], language) for row in rows]


def _form(row: Any, tasks: list[Any], acts: list[Any], language: str) -> dict[str, Any]:
    closing = next((act for act in acts if act.kind == "close"), None)
    done = {act.task_id for act in acts if act.kind == "complete_task"}
    state = "closed" if closing else "active"
    return {
        "run_id": row.run_id,
        "playbook": row.playbook,
        "title": worded(row.title, language),
        "version": row.version,
        "account_id": row.account,
        "alert_id": row.alert_id,
        "owner": person(row.owner_id, row.owner_name),
        "state": state,
        "started_at": row.started_at,
        "tasks": [
            {
                "task_id": task.task_id,
                "title": worded(task.title, language),
                "owner": person(task.owner_id, task.owner_name),
                "due_at": task.due_at,
                "state": task_state(done=task.task_id in done, run_closed=closing is not None),
            }
            for task in tasks
        ],
        "outcome": closing.outcome if closing else None,
        "note": closing.note if closing and closing.actor != MACHINE else None,
        "closed_because": closing.note if closing and closing.actor == MACHINE else None,
        "history": run_history(row, acts),
    }


def worded(text: Any, language: str) -> str:
    """Return a text of the library in a language, else in English, else in the first it has."""
    if isinstance(text, dict):
        return str(text.get(language) or text.get("en") or next(iter(text.values()), ""))
    return str(text)
